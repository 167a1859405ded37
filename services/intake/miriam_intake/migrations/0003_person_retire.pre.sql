-- Deletes which women these participations name, and the way from her number to each who is named in no other.
create function person.retire(participations text[])
returns void
language plpgsql as $$
declare
  _persons text[];
begin
  with gone as (
    delete from person.named where named.participation = any (retire.participations)
    returning named.person
  )
  select array_agg(distinct gone.person) into _persons from gone;

  -- An enrolment under way holds her row: what is read after that lock knows of it.
  perform from person.mapping
    where mapping.person = any (_persons)
    order by mapping.keyed_number
      for update;

  delete from person.mapping
   where mapping.person = any (_persons)
     and not exists (select from person.named where named.person = mapping.person);
end $$;

revoke all on function person.retire(text[]) from public;
grant execute on function person.retire(text[]) to {app};
