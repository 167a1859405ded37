-- code: D03
-- name: late
-- version: 1
-- en: Late facts
-- fr: Faits tardifs
-- nl: Laattijdige feiten
-- de: Verspätete Fakten
-- source: what auditors ask: late records
-- rule: facts noted more days after they happened than the edition allows / facts, valid or not; by family

-- [part]
-- [own] family = participation | session | goal | assessment | referral | groupsession
-- kind: share
-- unit: %
-- each: row
select n.family as category, n.spot, n.cpas, n.project, n.first_id::text as unit, n.event_id, n.position,
       case when n.noted_on - n.occurred_on > e.late_after_days then 'numerator' else 'denominator' end as counted,
       null::text as reason
  from noted_at as n
 cross join edition_at as e
