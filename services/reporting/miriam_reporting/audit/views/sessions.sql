-- view: 4 sessions
-- columns: kind+=happening, occurred_on+, noted_on, cpas, project+, group, participation+, woman, session+,
--   presence+=presence, minutes+, place=place, theme=domain, other_themes=domain, case_manager, reason+=reason, present, excused, absent,
--   counts+=counts, first_id, event_id, position

-- Individual sessions held and missed; group sessions held, with a line for each woman named in them; those cancelled.
-- `reason` is why it was missed or cancelled; `counts` whether it counts, or why not.
with line as (
  select 'session.' || f.fact as kind, f.occurred_on, f.noted_on, f.cpas, f.project, null::text as "group",
         f.participation, p.woman, f.session, null::text as presence, f.duration_minutes as minutes, f.place, f.theme,
         (select string_agg(o.theme, ' ' order by o.number)
            from jsonb_array_elements_text(f.other_themes) with ordinality as o (theme, number)) as other_themes,
         f.case_manager, f.reason, null::integer as present, null::integer as excused, null::integer as absent,
         coalesce(s.invalid, 'valid') as counts, f.first_id, f.event_id, f.from_position as position
    from session_at as s
    join facts.session as f on f.from_position = s.position
    left join participation_at as p on p.seat = s.seat
   union all
  select 'groupsession.held', f.occurred_on, f.noted_on, f.cpas, f.project, f.group_id,
         null, null, f.groupsession, null, f.duration_minutes, null, f.theme, null,
         f.case_manager, null, f.present, f.excused, f.absent,
         coalesce(s.invalid, 'valid'), f.first_id, f.event_id, f.from_position
    from group_session_at as s
    join facts.group_session as f on f.from_position = s.position
   union all
  select 'attendance', f.occurred_on, f.noted_on, split_part(a.participation, ':', 1), f.project, f.group_id,
         a.participation, p.woman, f.groupsession, a.presence, f.duration_minutes, null, f.theme, null,
         f.case_manager, null, null, null, null,
         coalesce(a.invalid, 'valid'), f.first_id, f.event_id, f.from_position
    from attendance_at as a
    join facts.group_session as f on f.from_position = a.position
    left join participation_at as p on p.seat = a.seat
   union all
  select 'groupsession.cancelled', f.occurred_on, f.noted_on, f.cpas, f.project, f.group_id,
         null, null, f.groupsession, null, null, null, null, null,
         null, f.reason, null, null, null,
         null, f.first_id, f.event_id, f.from_position
    from facts.group_session as f
    join project_at as p on p.project = f.project and p.asked
   where f.fact = 'cancelled'
     and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
)
select l.kind, l.occurred_on, l.noted_on, l.cpas, l.project, l."group", l.participation, l.woman, l.session, l.presence,
       l.minutes, l.place, l.theme, l.other_themes, l.case_manager, l.reason, l.present, l.excused, l.absent, l.counts,
       l.first_id::text, l.event_id::text, l.position
  from line as l
 where %(cpas)s::text is null or l.cpas = %(cpas)s
 order by l.occurred_on, l.position, l.kind desc, l.participation collate "C"
