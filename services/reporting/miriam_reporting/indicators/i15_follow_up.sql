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
-- place: spot
select p.spot, p.participation as unit,
       coalesce(f.event_id, x.event_id) as event_id, coalesce(f.position, x.position) as position,
       case when f.seat is not null then 'numerator' else 'denominator' end as counted, null::text as reason
  from participation_at as p
  join exit_at as x on x.seat = p.seat and x.invalid is null
  left join last_follow_up_at as f on f.seat = p.seat
 where p.spot is not null

-- [shared] situation = FOLLOW_UP
-- kind: share
-- unit: %
-- each: row
-- place: spot
select f.situation as category, p.spot, p.participation as unit, f.event_id, f.position,
       'numerator' as counted, null::text as reason
  from participation_at as p
  join exit_at as x on x.seat = p.seat and x.invalid is null
  join last_follow_up_at as f on f.seat = p.seat
 where p.spot is not null
