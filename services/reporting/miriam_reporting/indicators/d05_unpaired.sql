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
-- each: woman
select a.places, a.woman as unit, a.event_id, a.position,
       case when a.starts > 0 and a.ends > 0 then 'denominator' else 'numerator' end as counted, null::text as reason
  from assessed_at as a

-- [own] side = no_end | no_start
-- kind: share
-- unit: %
-- each: woman
select v.side as category, a.places, a.woman as unit, a.event_id, a.position,
       case when v.missing then 'numerator' else 'denominator' end as counted, null::text as reason
  from assessed_at as a
 cross join lateral (values ('no_end', a.ends = 0), ('no_start', a.starts = 0)) as v (side, missing)
