-- Situations told at a follow-up, in the edition; a participation may have several.
create temporary table follow_up_at on commit drop as
select f.participation, coalesce(e.woman, f.participation) as woman,
       f.cpas, f.project, coalesce(r.region, 'unknown') as region,
       case when e.participation is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            else e.invalid
       end as invalid,
       f.situation, f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from facts.follow_up as f
  join project_at as p on p.project = f.project and p.asked
  left join participation_at as e on e.participation = f.participation
  left join cpas_at as r on r.cpas = f.cpas
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
