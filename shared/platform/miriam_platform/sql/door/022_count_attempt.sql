-- Counts a failure of our own, and answers how many there were so far.
create or replace function door.count_attempt(fingerprint bytea, emitter text, error text)
returns integer
language sql as $$
  insert into door.attempt as counted (fingerprint, emitter, attempts, last_error)
  values (count_attempt.fingerprint, count_attempt.emitter, 1, count_attempt.error)
      on conflict on constraint attempt_pkey do update
     set attempts = counted.attempts + 1,
         last_error = excluded.last_error,
         last_at = now()
  returning counted.attempts
$$;
