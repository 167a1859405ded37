-- code: I07
-- name: goals
-- version: 1
-- en: Goals
-- fr: Objectifs
-- nl: Doelstellingen
-- de: Ziele
-- source: the method: personalised goals; a goal reached needs a kind of evidence
-- rule: goals reached / goals set; by life domain, by outcome, and of those reached by the kind of evidence

-- [part]
-- [own] domain = LIFE_DOMAINS
-- kind: share
-- unit: %
-- each: row
-- repeats: marked
select g.domain as category, g.spot, null as cpas, null as project, g.first_id::text as unit, e.event_id, e.position,
       case g.outcome when 'reached' then 'numerator' else 'denominator' end as counted,
       null::text as reason, e.again
  from goal_outcome_at as g
 cross join lateral (
         values (g.event_id, g.position, false), (g.outcome_event_id, g.outcome_position, true)
       ) as e (event_id, position, again)
 where e.event_id is not null
 union all
select null, g.spot, g.cpas, g.project, g.first_id::text, g.event_id, g.position, 'excluded', g.invalid, false
  from goal_at as g
 where g.invalid is not null
 union all
select null, t.spot, t.cpas, t.project, t.first_id::text, t.event_id, t.position, 'excluded', 'goal_not_set', false
  from unset_goal_at as t

-- [shared] outcome = reached | abandoned | open
-- kind: share
-- unit: %
-- each: row
-- repeats: marked
-- place: spot
select g.outcome as category, g.spot, g.first_id::text as unit, e.event_id, e.position,
       'numerator' as counted, null::text as reason, e.again
  from goal_outcome_at as g
 cross join lateral (
         values (g.event_id, g.position, false), (g.outcome_event_id, g.outcome_position, true)
       ) as e (event_id, position, again)
 where e.event_id is not null

-- [shared] evidence = EVIDENCE_KINDS
-- kind: share
-- unit: %
-- each: row
-- repeats: marked
-- place: spot
select g.evidence as category, g.spot, g.first_id::text as unit, e.event_id, e.position,
       'numerator' as counted, null::text as reason, e.again
  from goal_outcome_at as g
 cross join lateral (
         values (g.event_id, g.position, false), (g.outcome_event_id, g.outcome_position, true)
       ) as e (event_id, position, again)
 where g.outcome = 'reached'
