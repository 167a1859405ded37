-- code: D04
-- name: outside_edition
-- version: 1
-- en: Outside the edition
-- fr: Hors de l'édition
-- nl: Buiten de editie
-- de: Außerhalb der Auflage
-- source: an edition has its own dates
-- rule: enrolments, sessions and group sessions that happened before or after the edition / all of them

-- [part]
-- kind: share
-- unit: %
-- each: row
select n.spot, n.cpas, n.project, n.first_id::text as unit, n.event_id, n.position,
       case when n.occurred_on < e.starts_on or n.occurred_on > e.ends_on then 'numerator' else 'denominator' end as counted,
       null::text as reason
  from noted_at as n
 cross join edition_at as e
 where n.family in ('participation', 'session', 'groupsession')
