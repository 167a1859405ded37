-- Supported participations of the edition, each with its first valid session held or group session attended.
create temporary table contact_at on commit drop as
with met as not materialized (
  select s.seat, s.occurred_on, s.first_id, s.event_id, s.position
    from session_at as s
   where s.held and s.invalid is null
   union all
  select a.seat, a.occurred_on, a.first_id, a.event_id, a.position
    from attendance_at as a
   where a.presence = 'present' and a.invalid is null
), first_day as (
  -- Hashed first: sorting every session of an edition to find one of each costs ten times as much.
  select seat, min(occurred_on) as occurred_on from met group by seat
)
select distinct on (m.seat) m.seat, m.occurred_on, m.first_id, m.event_id, m.position
  from met as m
  join first_day as d using (seat, occurred_on)
 order by m.seat, m.first_id
