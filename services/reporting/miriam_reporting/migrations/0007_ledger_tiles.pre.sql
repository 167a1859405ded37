-- The ledger's Merkle tree, as tiles of 256 hashes: tile `index` of `level` L holds the 256 nodes of height 8L that begin
-- at leaf index * 256^(L+1), side by side, and `root` is the node above them all. Complete tiles alone are kept, in
-- order and without a hole; the right edge of the tree is computed from what lies below, never more than 255 rows of
-- a level. Added and read, nothing else.
create table ledger.tile (
  level  smallint not null check (level between 0 and 6),
  index  bigint   not null check (index >= 0),
  hashes bytea    not null check (octet_length(hashes) = 256 * 32),
  root   bytea    not null check (octet_length(root) = 32),
  primary key (level, index)
);
-- Hashes do not compress; kept out of the row, so that 255 roots beside each other are few pages.
alter table ledger.tile alter column hashes set storage external;

create trigger tile_is_immutable
  before update or delete on ledger.tile
  for each row execute function ledger.refuse_change();
create trigger tile_is_not_truncated
  before truncate on ledger.tile
  for each statement execute function ledger.refuse_change();

-- Adds the next complete tiles of a level, `first` and those after it, one for each root. The hashes are taken from
-- what lies below, the leaves or the tiles' roots; who calls has only hashed them together.
-- Refuses (restrict_violation) what does not follow, or is not complete yet.
create function ledger.add_tiles(level integer, first bigint, roots bytea[]) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _next     bigint;
  _complete integer;
begin
  select coalesce(max(tile.index), -1) + 1 into _next from ledger.tile where tile.level = add_tiles.level;
  if add_tiles.first <> _next then
    raise exception 'tile % of level % where % follows', add_tiles.first, add_tiles.level, _next
      using errcode = 'restrict_violation';
  end if;

  if add_tiles.level = 0 then
    insert into ledger.tile (level, index, hashes, root)
    select 0, below.index, below.hashes, roots[below.index - add_tiles.first + 1]
      from (
        select (leaf.position - 1) / 256 as index, string_agg(leaf.hash, ''::bytea order by leaf.position) as hashes
          from ledger.leaf
         where leaf.position > add_tiles.first * 256
           and leaf.position <= (add_tiles.first + cardinality(roots)) * 256
         group by (leaf.position - 1) / 256
        having count(*) = 256
      ) as below;
  else
    insert into ledger.tile (level, index, hashes, root)
    select add_tiles.level, below.index, below.hashes, roots[below.index - add_tiles.first + 1]
      from (
        select tile.index / 256 as index, string_agg(tile.root, ''::bytea order by tile.index) as hashes
          from ledger.tile
         where tile.level = add_tiles.level - 1
           and tile.index >= add_tiles.first * 256
           and tile.index < (add_tiles.first + cardinality(roots)) * 256
         group by tile.index / 256
        having count(*) = 256
      ) as below;
  end if;
  get diagnostics _complete = row_count;
  if _complete <> cardinality(roots) then
    raise exception 'of % tiles of level %, % are complete', cardinality(roots), add_tiles.level, _complete
      using errcode = 'restrict_violation';
  end if;
  return _complete;
end $$;

-- For each part asked (`tiles[i]` of `levels[i]`, its hashes from `lows[i]` up to, not including, `highs[i]`) the
-- hashes side by side: from the tile, or where that is not complete, from what lies below it. Fewer where there are
-- fewer. All parts of a proof in one round trip.
create function ledger.hashes_of(levels integer[], tiles bigint[], lows integer[], highs integer[])
returns table (place bigint, hashes bytea)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return query
  select asked.place,
         coalesce(
           (select substr(tile.hashes, asked.low * 32 + 1, (asked.high - asked.low) * 32)
              from ledger.tile
             where tile.level = asked.level and tile.index = asked.tile),
           case when asked.level = 0 then
             (select string_agg(leaf.hash, ''::bytea order by leaf.position)
                from ledger.leaf
               where leaf.position > asked.tile * 256 + asked.low
                 and leaf.position <= asked.tile * 256 + asked.high)
           else
             (select string_agg(tile.root, ''::bytea order by tile.index)
                from ledger.tile
               where tile.level = asked.level - 1
                 and tile.index >= asked.tile * 256 + asked.low
                 and tile.index < asked.tile * 256 + asked.high)
           end,
           ''::bytea)
    from unnest(levels, tiles, lows, highs) with ordinality as asked (level, tile, low, high, place);
end $$;

grant select on ledger.tile to {app};
revoke all on function
  ledger.add_tiles(integer, bigint, bytea[]),
  ledger.hashes_of(integer[], bigint[], integer[], integer[])
  from public;
grant execute on function
  ledger.add_tiles(integer, bigint, bytea[]),
  ledger.hashes_of(integer[], bigint[], integer[], integer[])
  to {app};
