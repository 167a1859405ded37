-- An operator has the parked events of a subject tried again, in their order; answers the positions of those that were
-- not asked for already.
create or replace function door.ask_parked(emitter text, subject text)
returns setof bigint
language sql as $$
  update door.parked
     set status = 'asked'
   where parked.emitter = ask_parked.emitter
     and parked.subject = ask_parked.subject
     and parked.status = 'parked'
  returning parked.position
$$;

drop function if exists door.retry_parked(text, text);
