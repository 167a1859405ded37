-- code: I11
-- name: exits
-- version: 1
-- en: Exits
-- fr: Sorties
-- nl: Uitstroom
-- de: Austritte
-- source: ESF+ register of participants: exit and its reason; into employment or training
-- rule: participations that ended / valid enrolments; of those that ended, by reason, and into employment or training

-- [part]
-- kind: share
-- unit: %
select p.spot, null as cpas, null as project, p.participation as unit,
       coalesce(x.event_id, p.event_id) as event_id, coalesce(x.position, p.position) as position,
       case when x.seat is not null then 'numerator' else 'denominator' end as counted, null::text as reason
  from participation_at as p
  left join exit_at as x on x.seat = p.seat and x.invalid is null
 where p.spot is not null
 union all
select x.spot, x.cpas, x.project, x.participation, x.event_id, x.position, 'excluded', x.invalid
  from exit_at as x
 where x.invalid is not null

-- [shared] reason = EXIT_REASONS
-- kind: share
-- unit: %
-- each: row
-- place: spot
select x.reason as category, x.spot, x.participation as unit, x.event_id, x.position,
       'numerator' as counted, null::text as reason
  from exit_at as x
 where x.invalid is null

-- [part] measure = employment_or_training
-- kind: share
-- unit: %
-- each: row
-- place: spot
select x.spot, x.participation as unit, x.event_id, x.position,
       case when x.reason in ('employment', 'training') then 'numerator' else 'denominator' end as counted,
       null::text as reason
  from exit_at as x
 where x.invalid is null
