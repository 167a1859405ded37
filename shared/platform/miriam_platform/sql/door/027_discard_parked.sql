-- An operator gives a parked event up, and its payload is emptied; answers whether it was parked.
create or replace function door.discard_parked("position" bigint)
returns boolean
language sql as $$
  with discarded as (
    update door.parked
       set status = 'discarded', settled_at = now(), payload = ''
     where parked.position = discard_parked.position
       and parked.status = 'parked'
    returning 1
  )
  select exists (select from discarded)
$$;
