-- code: D07
-- name: refused
-- version: 1
-- en: Refused
-- fr: Refus
-- nl: Geweigerd
-- de: Abgelehnt
-- source: what auditors ask: rejected records; the doors tell their daily counts
-- rule: emissions that the doors refused, of every edition; by rule

-- [part]
-- [own] rule = *
-- kind: sum
-- unit: refusals
-- each: row
-- place: names
-- unregistered: no region
select r.rule as category, r.cpas, null::text as project,
       r.event_id || '/' || r.cpas || '/' || r.rule as unit, r.event_id, r.position,
       'numerator' as counted, null::text as reason, r.amount
  from refused_at as r
