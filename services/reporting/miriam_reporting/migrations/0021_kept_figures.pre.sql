-- Figures of current reports as they were last computed, so that who asks next need not wait: a cache. By edition and
-- definitions, a row for each indicator and level; `figures` and `overlapping` are JSON objects joined by commas.
--
-- A row holds for a reader where nothing that matters to its edition changed after `position`, and where `facts` are
-- still those that it was computed from (`kept.generation`).
-- Unlogged: after a crash it is empty, and what it held is computed again.
create schema kept;

create unlogged table kept.figures (
  edition     text   not null,
  code        text   not null,
  level       text   not null check (level in ('total', 'region', 'cpas', 'project')),
  definitions text   not null,
  facts       text   not null,
  position    bigint not null check (position >= 0),
  figures     text   not null,
  overlapping text   not null,
  primary key (edition, definitions, code, level)
);
-- Tens of megabytes at the lowest level of a large edition: read faster than unpacked.
alter table kept.figures alter column figures set storage external;

grant usage on schema kept to {app};
grant select, insert, update, delete on kept.figures to {app};

-- Which facts there are now, others after a rebuild and after a retirement: the id of their checkpoint's table, which is
-- new after each rebuild, and how often editions were retired. Not in schema facts, which a rebuild replaces.
create function kept.generation() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_regclass('facts.checkpoint')::oid::text || '/' || (select count(*) from ledger.retirement)::text
$$;
revoke all on function kept.generation() from public;
grant execute on function kept.generation() to {app};
