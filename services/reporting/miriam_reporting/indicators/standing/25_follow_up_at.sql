-- Situations told at a follow-up, in the edition; a participation may have several.
create temporary table follow_up_at on commit drop as
select f.participation, e.seat,
       case when e.project = f.project then e.spot end as spot,
       case when e.project = f.project and e.spot is not null then null else f.cpas end as cpas,
       case when e.project = f.project and e.spot is not null then null else f.project end as project,
       case when e.seat is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            else e.invalid
       end as invalid,
       f.situation, f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from facts.follow_up as f
  join project_at as p on p.project = f.project and p.asked
  left join participation_at as e on e.participation = f.participation
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
