-- code: I03
-- name: cpas_active
-- version: 1
-- en: Active CPAS
-- fr: CPAS actifs
-- nl: Actieve OCMW's
-- de: Aktive ÖSHZ
-- source: the authority's account of an edition: "45 CPAS" (closing event, 2023-24)
-- rule: CPAS that carry an approved project with at least one woman supported / CPAS that carry one; members of a consortium count

-- [part]
-- kind: share
-- value: numerator
-- unit: cpas
-- place: spot
select c.spot, c.cpas as unit, p.event_id, p.position,
       case when s.project is not null then 'numerator' else 'denominator' end as counted,
       null::text as reason
  from carrier_at as c
  join project_at as p using (project)
  left join (
         select distinct e.project from contact_at join participation_at as e using (seat)
       ) as s using (project)
