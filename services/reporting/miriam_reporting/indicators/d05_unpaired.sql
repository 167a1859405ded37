-- code: D05
-- name: unpaired
-- version: 1
-- en: Unpaired assessments
-- fr: Questionnaires non appariés
-- nl: Niet-gepaarde vragenlijsten
-- de: Ungepaarte Fragebögen
-- source: what auditors ask: start and end assessments paired, the unpaired listed
-- rule: women with a valid assessment at one side only / women with any; by the side that is missing

-- [part]
-- kind: share
-- unit: %
select p.cpas, p.project, p.region, p.woman as unit, a.event_id, a.position,
       case when a.has_start and a.has_end then 'denominator' else 'numerator' end as counted, null::text as reason
  from assessed_at as a
  join place_at as p using (woman)

-- [own] side = no_end | no_start
-- kind: share
-- unit: %
select v.side as category, p.cpas, p.project, p.region, p.woman as unit, a.event_id, a.position,
       case when v.missing then 'numerator' else 'denominator' end as counted, null::text as reason
  from assessed_at as a
 cross join lateral (values ('no_end', not a.has_end), ('no_start', not a.has_start)) as v (side, missing)
  join place_at as p using (woman)
