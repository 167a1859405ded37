-- Destroys key and blocks of a participation, for good; answers how many blocks went with it.
-- A participation without key gets the mark as well: a block that comes later must not be kept.
create or replace function sealed.destroy(participation text)
returns bigint
language plpgsql as $$
declare
  _blocks bigint;
begin
  insert into sealed.key as known (participation, wrapped, destroyed_at)
  values (destroy.participation, null, now())
      on conflict on constraint key_pkey do update
     set wrapped = null, destroyed_at = coalesce(known.destroyed_at, now());

  delete from sealed.block where block.participation = destroy.participation;
  get diagnostics _blocks = row_count;
  return _blocks;
end $$;
