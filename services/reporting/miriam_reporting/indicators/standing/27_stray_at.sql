-- Facts that name a project which nobody approved: they belong to every edition, in D01 alone. An attendance is here
-- once, however many lists of its session name her.
create temporary table stray_at on commit drop as
select 'session' as fact, f.first_id, f.participation, f.cpas, f.project,
       f.event_id, f.from_position as position
  from facts.session as f
  join unknown_project_at as u using (project)
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 union all
select 'goal' as fact, f.first_id, f.participation, f.cpas, f.project,
       f.event_id, f.from_position as position
  from facts.goal as f
  join unknown_project_at as u using (project)
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   and not exists (
         select
           from facts.mention as m
           join facts.goal as o on o.project = m.project and o.participation = m.subject
          where m.subject = f.participation and o.goal = f.goal
            and (o.occurred_on, o.first_id) < (f.occurred_on, f.first_id)
            and o.from_position <= %(position)s and o.until_position > %(position)s and not o.retracted
       )
 union all
select 'assessment' as fact, f.first_id, f.participation, f.cpas, f.project,
       f.event_id, f.from_position as position
  from facts.assessment as f
  join unknown_project_at as u using (project)
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   and not exists (
         select
           from facts.mention as m
           join facts.assessment as o on o.project = m.project and o.participation = m.subject
          where m.subject = f.participation and o.moment = f.moment
            and (o.occurred_on, o.first_id) < (f.occurred_on, f.first_id)
            and o.from_position <= %(position)s and o.until_position > %(position)s and not o.retracted
       )
 union all
select 'referral' as fact, f.first_id, f.participation, f.cpas, f.project,
       f.event_id, f.from_position as position
  from facts.referral as f
  join unknown_project_at as u using (project)
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   and not exists (
         select
           from facts.mention as m
           join facts.referral as o on o.project = m.project and o.participation = m.subject
          where m.subject = f.participation and o.referral = f.referral
            and (o.occurred_on, o.first_id) < (f.occurred_on, f.first_id)
            and o.from_position <= %(position)s and o.until_position > %(position)s and not o.retracted
       )
 union all
select distinct 'attendance' as fact, f.first_id, f.participation, f.cpas, f.project,
       f.event_id, f.from_position as position
  from facts.attendance as f
  join unknown_project_at as u using (project)
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
