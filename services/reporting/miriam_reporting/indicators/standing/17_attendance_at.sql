-- Who was present, excused or absent at the group sessions of the edition. Named in more than one list of a session,
-- she counts in the first of them. `spot`, `cpas` and `project` say where she was counted (the session's project),
-- `group_spot`, `group_cpas` and `group_project` where the group was.
create temporary table attendance_at on commit drop as
select f.presence, f.participation, e.seat,
       case when e.project = s.group_project then e.spot end as spot,
       case when e.project = s.group_project and e.spot is not null then null else f.cpas end as cpas,
       case when e.project = s.group_project and e.spot is not null then null else s.group_project end as project,
       s.spot as group_spot, s.cpas as group_cpas, s.project as group_project,
       case when s.invalid is not null then s.invalid
            when f.cpas <> s.group_cpas and (hers.cpas is null or theirs.cpas is null) then 'outside_consortium'
            when s.occurred_on <@ m.days is not true then 'not_a_member'
            when e.seat is null then 'not_enrolled'
            when e.project <> s.group_project then 'project_differs'
            when e.invalid is not null then e.invalid
            when s.occurred_on < e.occurred_on then 'before_enrolment'
            when s.occurred_on > e.ended_on then 'after_end'
       end as invalid,
       s.occurred_on, s.first_id, s.event_id, s.position
  from facts.attendance as f
  join project_at as p on p.project = f.project and p.asked
  join group_session_at as s on s.first_id = f.first_id
  left join consortium_member_at as hers on hers.consortium = s.consortium and hers.cpas = f.cpas
  left join consortium_member_at as theirs on theirs.consortium = s.consortium and theirs.cpas = s.group_cpas
  left join member_at as m on m.group_id = s.group_id and m.participation = f.participation
  left join participation_at as e on e.participation = f.participation
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   and (f.presence = 'present' or not exists (
         select
           from facts.attendance as o
          where o.first_id = f.first_id and o.from_position = f.from_position and o.participation = f.participation
            and o.presence > f.presence  -- 'present' > 'excused' > 'absent', as it happens, in the order of the lists
       ))
