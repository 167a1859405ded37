-- An operator has the parked events of a subject tried again, in their order; answers how many there are.
create or replace function door.retry_parked(emitter text, subject text)
returns bigint
language sql as $$
  with asked as (
    update door.parked
       set status = 'asked'
     where parked.emitter = retry_parked.emitter
       and parked.subject = retry_parked.subject
       and parked.status = 'parked'
    returning 1
  )
  select count(*) from asked
$$;
