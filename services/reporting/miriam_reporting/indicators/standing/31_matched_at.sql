-- Every fact that must match others before it counts, with the reason why it does not match (null: it does). Dates
-- out of range are no mismatch: D03 and D04 tell of them.
create temporary view matched_at as
with fact as (
  select first_id::text as unit, spot, cpas, project, event_id, position, invalid from session_at
   union all
  select first_id::text, spot, cpas, project, event_id, position, invalid from goal_at
   union all
  select first_id::text, spot, cpas, project, event_id, position, invalid from assessment_at
   union all
  select first_id::text, spot, cpas, project, event_id, position, invalid from referral_at
   union all
  select first_id || '/' || participation, spot, cpas, project, event_id, position, invalid from attendance_at
   union all
  select case fact when 'attendance' then first_id || '/' || participation else first_id::text end,
         null, cpas, project, event_id, position, 'project_unknown'
    from stray_at
)
select unit, spot, cpas, project, event_id, position,
       case when invalid not in ('outside_edition', 'before_enrolment', 'after_end') then invalid end as mismatch
  from fact
