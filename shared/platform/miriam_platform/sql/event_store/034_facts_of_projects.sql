-- The events of facts about women and groups whose last version names one of these projects, and the events of streams
-- where every fact that names a project names one of them: `whole` then, and nothing is left of the stream.
-- Events of test CPAS are of no edition, whatever project they name: they go when they are wiped.
-- It reads every body that is there: a retirement comes once a year.
create or replace function event_store.facts_of_projects(projects text[])
returns table (sequence bigint, id uuid, stream text, whole boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with told as materialized (
    select event.sequence, event.id, event.stream, event.version,
           coalesce(stated.data ->> 'corrects', stated.data ->> 'retracts', event.id::text) as fact,
           coalesce(stated.data -> 'replacement' ->> 'project', stated.data ->> 'project') as project
      from event_store.event
     cross join lateral (select event.body::jsonb -> 'data') as stated (data)
     where event.body is not null
       and event.type not like 'miriam.project.%'
       and event.type not like 'miriam.edition.%'
       and event.origin not like '/cpas/test-%'
  ), fact as (
    select told.stream, told.fact,
           (array_agg(told.project order by told.version desc) filter (where told.project is not null))[1] as project
      from told
     group by told.stream, told.fact
  ), stream as (
    select fact.stream, bool_and(fact.project = any (projects)) as whole
      from fact
     where fact.project is not null
     group by fact.stream
  )
  select told.sequence, told.id, told.stream, stream.whole
    from told
    join fact on fact.stream = told.stream and fact.fact = told.fact
    join stream on stream.stream = told.stream
   where fact.project = any (projects)
      or (stream.whole and fact.project is null)
   order by told.sequence
$$;
