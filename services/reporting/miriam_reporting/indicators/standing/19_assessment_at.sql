-- Assessments of the edition: one start and one end of a participation.
create temporary table assessment_at on commit drop as
with stated as materialized (
  select f.*
    from facts.assessment as f
    join project_at as p on p.project = f.project and p.asked
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
), named as (
  -- The same may be named by a fact of another project.
  select f.participation, f.moment, f.occurred_on, f.first_id from stated as f
   union all
  select o.participation, o.moment, o.occurred_on, o.first_id
    from elsewhere_at as e
    join facts.assessment as o on o.project = e.project and o.participation = e.subject
   where o.from_position <= %(position)s and o.until_position > %(position)s and not o.retracted
), rival as materialized (
  -- What more than one fact names: there is little of it.
  select n.*
    from named as n
    join (select participation, moment from named group by participation, moment having count(*) > 1) as twice
   using (participation, moment)
)
select f.participation, coalesce(e.woman, f.participation) as woman, e.seat,
       case when e.project = f.project then e.spot end as spot,
       case when e.project = f.project and e.spot is not null then null else f.cpas end as cpas,
       case when e.project = f.project and e.spot is not null then null else f.project end as project,
       case when e.seat is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            else e.invalid
       end as invalid,
       f.moment, f.finances_score, f.finances_change,
       f.social_support_score, f.social_support_change,
       f.housing_score, f.housing_change,
       f.mobility_score, f.mobility_change,
       f.physical_health_score, f.physical_health_change,
       f.leisure_score, f.leisure_change,
       f.mental_wellbeing_score, f.mental_wellbeing_change,
       f.autonomy_score, f.autonomy_change,
       f.self_confidence_score, f.self_confidence_change,
       f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from stated as f
  left join participation_at as e on e.participation = f.participation
 where not exists (  -- of facts that name the same, the first counts
         select
           from rival as o
          where o.participation = f.participation and o.moment = f.moment
            and (o.occurred_on, o.first_id) < (f.occurred_on, f.first_id)
       )
