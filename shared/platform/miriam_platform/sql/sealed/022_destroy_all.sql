-- Destroys keys and blocks of participations, for good. Says for each whether anything was held here, and how many
-- blocks went with it. Each gets the mark, also one of which nothing was held: a block that comes later is not kept.
create or replace function sealed.destroy_all(participations text[])
returns table (participation text, held boolean, blocks bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  _held text[];
begin
  -- In one order, whoever comes: two that destroy the same keys must not wait for each other.
  perform from sealed.key
    where key.participation = any (destroy_all.participations)
    order by key.participation
      for update;

  _held := array(
    select key.participation
      from sealed.key
     where key.participation = any (destroy_all.participations)
       and key.wrapped is not null);

  insert into sealed.key as known (participation, wrapped, destroyed_at)
  select distinct given.participation, null::bytea, now()
    from unnest(destroy_all.participations) as given (participation)
   order by given.participation
      on conflict on constraint key_pkey do update
     set wrapped = null, destroyed_at = coalesce(known.destroyed_at, now());

  return query
  with gone as (
    delete from sealed.block
     where block.participation = any (destroy_all.participations)
    returning block.participation
  ), counted as (
    select gone.participation, count(*) as blocks from gone group by gone.participation
  )
  -- A key that another transaction made while this one waited for it shows by its blocks alone.
  select given.participation, given.participation = any (_held) or counted.blocks is not null,
         coalesce(counted.blocks, 0)
    from (select distinct participation from unnest(destroy_all.participations) as g (participation)) as given
    left join counted on counted.participation = given.participation
   order by given.participation;
end $$;
