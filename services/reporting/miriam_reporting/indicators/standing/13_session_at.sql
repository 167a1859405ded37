-- Individual sessions of the edition, held and missed. Each stands at its `spot`; where it has none, `cpas` and `project`
-- say where it was.
create temporary table session_at on commit drop as
select f.fact = 'held' as held, e.seat, e.woman_no,
       case when e.project = f.project then e.spot end as spot,
       case when e.project = f.project and e.spot is not null then null else f.cpas end as cpas,
       case when e.project = f.project and e.spot is not null then null else f.project end as project,
       case when e.seat is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            when e.invalid is not null then e.invalid
            when f.occurred_on < a.starts_on or f.occurred_on > a.ends_on then 'outside_edition'
            when f.occurred_on < e.occurred_on then 'before_enrolment'
            when f.occurred_on > e.ended_on then 'after_end'
       end as invalid,
       f.duration_minutes, f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from facts.session as f
  join project_at as p on p.project = f.project and p.asked
 cross join edition_at as a
  left join participation_at as e on e.participation = f.participation
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
