-- Individual sessions held that count (I08), each named by the recorded id of its first event.
select c.cpas, s.first_id::text as unit, f.project, f.participation, f.session, null::text as "group",
       s.occurred_on, s.event_id::text as event_id, s.position
  from session_at as s
  join carrier_at as c on c.spot = s.spot
  join facts.session as f on f.from_position = s.position
 where s.held and s.invalid is null
