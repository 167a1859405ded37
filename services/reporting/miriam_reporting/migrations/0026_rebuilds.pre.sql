-- Rebuilds of the facts: what became of each, and how what a killed one left is cleared away.
create schema projections;

-- outcome: swapped; differs (nothing was swapped); failed; abandoned (killed: found by whoever cleared up). Null while it runs.
create table projections.rebuild (
  number      bigint      generated always as identity primary key,
  began_at    timestamptz not null default clock_timestamp(),
  ended_at    timestamptz,
  definition  text        not null,
  outcome     text        check (outcome in ('swapped', 'differs', 'failed', 'abandoned')),
  position    bigint,
  compared    boolean,
  differences jsonb       not null default '[]',
  check ((ended_at is null) = (outcome is null))
);

-- Drops the schemas that a killed rebuild left, and answers their names; none while a rebuild runs, or while what is left
-- of its sessions still holds the tables: then somebody asks again. The application cannot drop them itself.
create function projections.clear_leftovers() returns text[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set lock_timeout = '300ms' as $$
declare
  _left text[] := array(select nspname::text from pg_namespace where nspname in ('facts_next', 'facts_old'));
begin
  if cardinality(_left) = 0 and not exists (select from projections.rebuild where ended_at is null) then
    return _left;
  end if;
  -- The lock that a rebuild holds for as long as its session lives (facts/rebuild.py).
  if not pg_try_advisory_xact_lock(332481586530) then
    return '{}';
  end if;
  drop schema if exists facts_next cascade;
  drop schema if exists facts_old cascade;
  update projections.rebuild set ended_at = clock_timestamp(), outcome = 'abandoned' where ended_at is null;
  return _left;
exception when lock_not_available then
  return '{}';
end $$;

grant usage on schema projections to {app};
grant select on projections.rebuild to {app};
revoke all on function projections.clear_leftovers() from public;
grant execute on function projections.clear_leftovers() to {app};
