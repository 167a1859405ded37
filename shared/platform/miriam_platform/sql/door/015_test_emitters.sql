-- Test emitters are told by their ids, which begin with `test-`; no other emitter's does, and only a CPAS is one.
do $$
begin
  if exists (select from pg_constraint where conrelid = 'door.emitter'::regclass and conname = 'test_by_id') then
    return;
  end if;
  alter table door.emitter add constraint test_by_id check (test = (id like 'test-%') and (kind = 'cpas' or not test));
end $$;
