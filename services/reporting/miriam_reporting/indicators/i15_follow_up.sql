-- code: I15
-- name: follow_up
-- version: 1
-- en: Follow-up
-- fr: Suivi après un an
-- nl: Opvolging na een jaar
-- de: Nachverfolgung nach einem Jahr
-- source: the edition of 2024-25: a follow-up one year after
-- rule: participations that ended and were followed up / participations that ended; of the follow-ups (the last of each) by situation

-- [part]
-- kind: share
-- unit: %
-- each: row
select p.cpas, p.project, p.region, p.participation as unit,
       coalesce(f.event_id, x.event_id) as event_id, coalesce(f.position, x.position) as position,
       case when f.participation is not null then 'numerator' else 'denominator' end as counted, null::text as reason
  from participation_at as p
  join exit_at as x on x.participation = p.participation and x.invalid is null
  left join last_follow_up_at as f on f.participation = p.participation
 where p.asked and p.invalid is null

-- [shared] situation = FOLLOW_UP
-- kind: share
-- unit: %
-- each: row
select f.situation as category, p.cpas, p.project, p.region, p.participation as unit, f.event_id, f.position,
       'numerator' as counted, null::text as reason
  from participation_at as p
  join exit_at as x on x.participation = p.participation and x.invalid is null
  join last_follow_up_at as f on f.participation = p.participation
 where p.asked and p.invalid is null
