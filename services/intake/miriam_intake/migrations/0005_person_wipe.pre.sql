-- Deletes whom these events of a test CPAS named, and the way from the number of each who is named in no other event.
create function person.wipe(event_ids uuid[])
returns void
language plpgsql as $$
declare
  _persons text[];
begin
  with gone as (
    delete from person.named where named.event_id = any (wipe.event_ids)
    returning named.person
  )
  select array_agg(distinct gone.person) into _persons from gone;

  delete from person.mapping
   where mapping.person = any (_persons)
     and not exists (select from person.named where named.person = mapping.person);
end $$;

revoke all on function person.wipe(uuid[]) from public;
grant execute on function person.wipe(uuid[]) to {app};
