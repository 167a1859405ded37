-- Every fact of the edition that was corrected or retracted among leaves 1..N, in all its versions, oldest first.
-- A fact is of the edition where a version of it names the edition or a project of it, a CPAS that carries one, or a
-- participation enrolled in one.
with asked_project as (
  select p.project, p.cpas from project_at as p where p.asked
), asked_participation as (
  select p.participation from participation_at as p where p.asked
), change as materialized (
  select coalesce(l.data->'data'->>'corrects', l.data->'data'->>'retracts')::uuid as first_id, l.position,
         split_part(l.type, '.', 2) as family, l.data->'data'->'replacement' as payload
    from ledger.counted as l
   where l.type = any (%(changing)s) and l.position <= %(position)s
), version as materialized (
  select c.first_id, c.position, c.family, c.payload from change as c
   union all
  select o.event_id, o.position, split_part(o.type, '.', 2), o.data->'data'
    from ledger.leaf as o
   where o.event_id in (select c.first_id from change as c) and o.position <= %(position)s
), concerned as (
  select distinct v.first_id
    from version as v
   where v.payload->>'project' in (select project from asked_project)
      or v.payload->>'edition' = %(edition)s
      or v.family = 'cpas' and v.payload->>'cpas' in (select cpas from carrier_at)
      or v.family = 'person' and (v.payload->>'participation' in (select participation from asked_participation)
                                  or v.payload->>'other' in (select participation from asked_participation))
)
select v.first_id::text, v.family, v.payload, l.event_id::text, l.position, split_part(l.type, '.', 3) as fact,
       l.data->>'origin', l.data->>'subject', l.data->>'time', l.data->>'recordedtime',
       l.data->'data'->>'fact', l.data->'data'->>'reason',
       case when v.family in ('edition', 'person') then null
            when v.family in ('cpas', 'project', 'consortium') then coalesce(
              v.payload->>'cpas', (select p.cpas from asked_project as p where p.project = v.payload->>'project'))
            else split_part(l.data->>'subject', ':', 1)
       end as cpas, l.type
  from concerned
  join version as v using (first_id)
  join ledger.leaf as l on l.position = v.position
 order by v.first_id, v.position
