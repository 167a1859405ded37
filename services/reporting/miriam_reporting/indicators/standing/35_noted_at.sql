-- When facts of the edition happened and when they were noted, valid or not.
create temporary view noted_at as
-- [arms] each of one kind of fact
select 'participation' as family, first_id, spot, case when spot is null then cpas end as cpas,
       case when spot is null then project end as project, event_id, position, occurred_on, noted_on
  from participation_at
 where asked
 union all
select 'session' as family, first_id, spot, cpas, project, event_id, position, occurred_on, noted_on from session_at
 union all
select 'goal' as family, first_id, spot, cpas, project, event_id, position, occurred_on, noted_on from goal_at
 union all
select 'assessment' as family, first_id, spot, cpas, project, event_id, position, occurred_on, noted_on from assessment_at
 union all
select 'referral' as family, first_id, spot, cpas, project, event_id, position, occurred_on, noted_on from referral_at
 union all
select 'groupsession' as family, first_id, spot, cpas, project, event_id, position, occurred_on, noted_on from group_session_at
-- [end]
