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

  with given as (
    select *
      from unnest(ids, emitters, fingerprints, emitted_ids, emitted_types, subjects, correlations, routing_keys,
                  rules, problems, payloads, redelivered) with ordinality
        as i (id, emitter, fingerprint, emitted_id, emitted_type, subject, correlation, routing_key,
              rule, problems, payload, redelivered, place)
  ), incoming as (
    -- Of a woman whose key was destroyed nothing is kept that could hold a personal block, nor a hash over one.
    select given.id, given.emitter, given.emitted_id, given.emitted_type, given.subject, given.correlation,
           given.routing_key, given.rule, given.problems, given.redelivered, given.place,
           case when destroyed.yes then '' else given.payload end as payload,
           case when destroyed.yes
                then sha256(convert_to(concat_ws(' ', given.subject, given.emitted_type, given.emitted_id), 'UTF8'))
                else given.fingerprint end as fingerprint
      from given
     cross join lateral (
             select exists (select from sealed.key where key.participation = given.subject and key.wrapped is null)
           ) as destroyed (yes)
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
           -- One that was given up was emptied, and could not be tried again.
           payload = case when refusal.payload = '' then d.payload else refusal.payload end,
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
           d.emitted_type, d.subject, d.correlation, d.routing_key, d.rule, d.problems::jsonb, d.payload,
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
