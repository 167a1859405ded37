-- Goals of the edition that were said to be reached or abandoned; more than one may be said of a goal.
create temporary table goal_event_at on commit drop as
select f.participation, e.seat,
       case when e.project = f.project then e.spot end as spot,
       case when e.project = f.project and e.spot is not null then null else f.cpas end as cpas,
       case when e.project = f.project and e.spot is not null then null else f.project end as project,
       case when e.seat is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            else e.invalid
       end as invalid,
       f.goal, f.fact, f.evidence, f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from facts.goal_event as f
  join project_at as p on p.project = f.project and p.asked
  left join participation_at as e on e.participation = f.participation
 where f.fact in ('reached', 'abandoned')
   and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
