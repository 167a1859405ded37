-- Keeps a refusal. The same message delivered again is the same refusal, with its newest problems.
create or replace function door.keep_refusal(
  id uuid, emitter text, fingerprint bytea, emitted_id text, emitted_type text, subject text,
  correlation text, routing_key text, problems jsonb, payload bytea, redelivered boolean
) returns void
language sql as $$
  insert into door.refusal as kept
         (id, emitter, fingerprint, emitted_id, emitted_type, subject, correlation, routing_key, problems, payload)
  values (keep_refusal.id, keep_refusal.emitter, keep_refusal.fingerprint, keep_refusal.emitted_id,
          keep_refusal.emitted_type, keep_refusal.subject, keep_refusal.correlation, keep_refusal.routing_key,
          keep_refusal.problems, keep_refusal.payload)
      on conflict (emitter, fingerprint) do update
     set times = kept.times + case when keep_refusal.redelivered then 0 else 1 end,
         problems = excluded.problems,
         status = 'kept',
         last_refused_at = now(),
         expires_at = now() + interval '90 days'
$$;
