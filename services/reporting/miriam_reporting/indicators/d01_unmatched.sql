-- code: D01
-- name: unmatched
-- version: 1
-- en: Unmatched facts
-- fr: Faits sans correspondance
-- nl: Feiten zonder overeenkomst
-- de: Nicht zugeordnete Fakten
-- source: services do not wait for each other: a fact is recorded, and shows here until what it rests on is there too
-- rule: facts and attendances that match no valid enrolment, membership, group or project / all of them; by reason

-- [part]
-- [shared] reason = *
-- kind: share
-- unit: %
-- each: row
select m.mismatch as category, m.spot, m.cpas, m.project, m.unit, m.event_id, m.position,
       case when m.mismatch is not null then 'numerator' else 'denominator' end as counted, null::text as reason
  from matched_at as m
