-- Every fact that must match others before it counts, with the reason why it does not match (null: it does). Dates
-- out of range are no mismatch: D03 and D04 tell of them.
create temporary view matched_at as
select f.unit, f.spot, f.cpas, f.project, f.event_id, f.position,
       case when f.invalid not in ('outside_edition', 'before_enrolment', 'after_end') then f.invalid end as mismatch
  from (
-- [arms] each of one kind of fact
  select first_id::text as unit, spot, cpas, project, event_id, position, invalid from session_at
   union all
  select first_id::text as unit, spot, cpas, project, event_id, position, invalid from goal_at
   union all
  select first_id::text as unit, spot, cpas, project, event_id, position, invalid from assessment_at
   union all
  select first_id::text as unit, spot, cpas, project, event_id, position, invalid from referral_at
   union all
  select first_id || '/' || participation as unit, spot, cpas, project, event_id, position, invalid from attendance_at
   union all
  select case fact when 'attendance' then first_id || '/' || participation else first_id::text end as unit,
         null::integer as spot, cpas, project, event_id, position, 'project_unknown' as invalid
    from stray_at
-- [end]
  ) as f
