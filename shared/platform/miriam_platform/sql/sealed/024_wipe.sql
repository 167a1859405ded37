-- Destroys the blocks that came with these events of a test CPAS, and the keys of its participations that are left without
-- a block, marks of earlier destructions too: it may go on as if it had never been there. Answers how many blocks went.
create or replace function sealed.wipe(emitter text, event_ids uuid[])
returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  _blocks bigint;
begin
  if wipe.emitter not like 'test-%' then
    raise exception '% is no test CPAS', wipe.emitter using errcode = 'restrict_violation';
  end if;

  delete from sealed.block
   where block.event_id = any (wipe.event_ids)
     and starts_with(block.participation, wipe.emitter || ':');
  get diagnostics _blocks = row_count;

  delete from sealed.key
   where starts_with(key.participation, wipe.emitter || ':')
     and not exists (select from sealed.block where block.participation = key.participation);
  return _blocks;
end $$;
