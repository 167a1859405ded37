-- The inbox tells what became of a parked event that it was asked to try again.
-- Where it failed once more, what follows it in its subject waits again too.
create or replace function door.settle_parked("position" bigint, error text)
returns void
language plpgsql as $$
begin
  if settle_parked.error is null then
    update door.parked
       set status = 'retried', settled_at = now(), payload = ''
     where parked.position = settle_parked.position;
    return;
  end if;

  update door.parked
     set attempts = parked.attempts + 1, error = settle_parked.error
   where parked.position = settle_parked.position;

  update door.parked
     set status = 'parked'
    from door.parked as failed
   where failed.position = settle_parked.position
     and parked.emitter = failed.emitter
     and parked.subject = failed.subject
     and parked.status = 'asked';
end $$;
