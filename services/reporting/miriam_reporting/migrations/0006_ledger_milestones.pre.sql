-- How many leaves of each source, and its highest number, at every 10,000th position: so that the same at any position
-- is counted from the milestone before it, and not from the ledger's beginning.
create table ledger.milestone (
  position bigint not null check (position % 10000 = 0),
  source   text   not null,
  highest  bigint not null,
  leaves   bigint not null,
  primary key (position, source)
);
grant select on ledger.milestone to {app};

-- Each source's highest number among leaves 1..N, and how many of those leaves are its own.
create function ledger.sources_at(n bigint)
returns table (source text, highest bigint, leaves bigint)
language sql stable as $$
  with base as (
    select coalesce(max(milestone.position), 0) as position
      from ledger.milestone
     where milestone.position <= sources_at.n
  ), counted as (
    select milestone.source, milestone.highest, milestone.leaves
      from ledger.milestone
      join base using (position)
     union all
    select leaf.source, max(leaf.sequence), count(*)
      from ledger.leaf
     where leaf.position > (select base.position from base) and leaf.position <= sources_at.n
     group by leaf.source
  )
  select counted.source, max(counted.highest), sum(counted.leaves)::bigint
    from counted
   group by counted.source
$$;

-- Sets the milestones that the ledger has passed since the last; answers how many. Safe to call at any time.
create function ledger.set_milestones() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _next bigint;
  _head bigint;
  _set  integer := 0;
begin
  select coalesce(max(milestone.position), 0) + 10000 into _next from ledger.milestone;
  select head.position into strict _head from ledger.head;
  while _next <= _head loop
    insert into ledger.milestone (position, source, highest, leaves)
    select _next, at.source, at.highest, at.leaves
      from ledger.sources_at(_next) as at
        on conflict do nothing;
    _next := _next + 10000;
    _set := _set + 1;
  end loop;
  return _set;
end $$;

revoke all on function ledger.sources_at(bigint), ledger.set_milestones() from public;
grant execute on function ledger.sources_at(bigint), ledger.set_milestones() to {app};
