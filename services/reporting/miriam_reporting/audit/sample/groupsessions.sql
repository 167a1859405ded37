-- Group sessions held that count (I09), each in its group's CPAS and named by the recorded id of its first event.
select c.cpas, s.first_id::text as unit, f.project, null::text as participation, f.groupsession as session,
       f.group_id as "group", s.occurred_on, s.event_id::text as event_id, s.position
  from group_session_at as s
  join carrier_at as c on c.spot = s.spot
  join facts.group_session as f on f.from_position = s.position
 where s.invalid is null
