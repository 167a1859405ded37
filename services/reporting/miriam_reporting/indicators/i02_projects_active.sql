-- code: I02
-- name: projects_active
-- version: 1
-- en: Active projects
-- fr: Projets actifs
-- nl: Actieve projecten
-- de: Aktive Projekte
-- source: the authority's account of an edition: "83 projects" (closing event, 2023-24)
-- rule: approved projects with at least one woman supported / approved projects; a project counts at each CPAS that carries it

-- [part]
-- kind: share
-- value: numerator
-- unit: projects
-- place: spot
select c.spot, c.project as unit, p.event_id, p.position,
       case when s.project is not null then 'numerator' else 'denominator' end as counted,
       null::text as reason
  from carrier_at as c
  join project_at as p using (project)
  left join (
         select distinct e.project from contact_at join participation_at as e using (seat)
       ) as s using (project)
