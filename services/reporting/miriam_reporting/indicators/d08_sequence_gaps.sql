-- code: D08
-- name: sequence_gaps
-- version: 1
-- en: Missing events
-- fr: Événements manquants
-- nl: Ontbrekende gebeurtenissen
-- de: Fehlende Ereignisse
-- source: a sequence has no holes: a missing number is loss or tampering
-- rule: by service, its highest number in the ledger minus the number of its events there

-- [part]
-- [own] source = *
-- kind: sum
-- unit: events
-- each: row
-- place: spot
select g.source as category, null::integer as spot,
       '/services/' || g.source as unit, g.event_id, g.position,
       'numerator' as counted, null::text as reason, g.amount
  from gap_at as g
