-- Keeps refusals, in their order. A message that was refused before is the same refusal, with its newest problems.
create or replace function door.keep_refusals(
  ids uuid[], emitters text[], fingerprints bytea[], emitted_ids text[], emitted_types text[], subjects text[],
  correlations text[], routing_keys text[], rules text[], problems text[], payloads bytea[], redelivered boolean[]
) returns void
language plpgsql as $$
declare
  _last bigint;
  _kept bigint;
begin
  select refusal_counter.last_number into strict _last from door.refusal_counter for update;

  with incoming as (
    select *
      from unnest(ids, emitters, fingerprints, emitted_ids, emitted_types, subjects, correlations, routing_keys,
                  rules, problems, payloads, redelivered) with ordinality
        as i (id, emitter, fingerprint, emitted_id, emitted_type, subject, correlation, routing_key,
              rule, problems, payload, redelivered, place)
  ), distinct_incoming as (
    select distinct on (emitter, fingerprint)
           incoming.*,
           count(*) filter (where not incoming.redelivered) over (partition by emitter, fingerprint) as sent
      from incoming
     order by emitter, fingerprint, place
  ), repeated as (
    update door.refusal
       set times = refusal.times + d.sent,
           rule = d.rule,
           problems = d.problems::jsonb,
           status = 'kept',
           last_refused_at = now(),
           expires_at = now() + interval '90 days'
      from distinct_incoming as d
     where refusal.emitter = d.emitter
       and refusal.fingerprint = d.fingerprint
    returning refusal.emitter, refusal.fingerprint
  ), kept as (
    insert into door.refusal
           (number, id, emitter, fingerprint, emitted_id, emitted_type, subject, correlation, routing_key,
            rule, problems, payload, times)
    select _last + row_number() over (order by d.place), d.id, d.emitter, d.fingerprint, d.emitted_id,
           d.emitted_type, d.subject, d.correlation, d.routing_key, d.rule, d.problems::jsonb,
           -- Of a woman whose key was destroyed nothing is kept that could hold a personal block.
           case when exists (select from sealed.key where key.participation = d.subject and key.wrapped is null)
                then '' else d.payload end,
           greatest(d.sent, 1)
      from distinct_incoming as d
     where not exists (
             select from repeated
              where repeated.emitter = d.emitter
                and repeated.fingerprint = d.fingerprint)
    returning 1
  )
  select count(*) into _kept from kept;

  update door.refusal_counter set last_number = _last + _kept where _kept > 0;
end $$;
