-- Parks an event, once: delivered again, it stays where it stands in the order. Its attempts are forgotten.
-- One transaction parks at a time: so no reader sees a later position before an earlier one, and passes over that.
create or replace function door.park(
  emitter text, subject text, fingerprint bytea, emitted_id text, emitted_type text, correlation text,
  routing_key text, payload bytea, attempts integer, error text
) returns void
language sql as $$
  select pg_advisory_xact_lock(hashtextextended('door.park', 0));

  insert into door.parked
         (emitter, subject, fingerprint, emitted_id, emitted_type, correlation, routing_key, payload, attempts, error)
  values (park.emitter, park.subject, park.fingerprint, park.emitted_id, park.emitted_type, park.correlation,
          park.routing_key, park.payload, park.attempts, park.error)
      on conflict (emitter, fingerprint) where status in ('parked', 'asked') do nothing;

  delete from door.attempt where attempt.fingerprint = park.fingerprint;
$$;
