-- Facts are others after a rebuild, and after a retirement deleted some of them: `facts` names both.
truncate kept.figures;
alter table kept.figures alter column facts type text using facts::text;

-- Which facts there are now: the id of their checkpoint's table, which is new after each rebuild, and how often
-- editions were retired. Not in schema facts, which a rebuild replaces.
create function kept.generation() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_regclass('facts.checkpoint')::oid::text || '/' || (select count(*) from ledger.retirement)::text
$$;
revoke all on function kept.generation() from public;
grant execute on function kept.generation() to {app};
