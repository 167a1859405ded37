-- The last valid follow-up of each participation.
create temporary table last_follow_up_at on commit drop as
select distinct on (f.seat) f.seat, f.situation, f.event_id, f.position
  from follow_up_at as f
 where f.invalid is null
 order by f.seat, f.occurred_on desc, f.first_id desc
