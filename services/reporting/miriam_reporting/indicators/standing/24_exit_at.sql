-- Ends of participations that name a project of the edition.
create temporary table exit_at on commit drop as
select f.participation, coalesce(e.woman, f.participation) as woman,
       f.cpas, f.project, coalesce(r.region, 'unknown') as region,
       case when e.participation is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            else e.invalid
       end as invalid,
       f.reason, f.occurred_on, f.first_id, f.event_id, f.position
  from ended_at as f
  join project_at as p on p.project = f.project and p.asked
  left join participation_at as e on e.participation = f.participation
  left join cpas_at as r on r.cpas = f.cpas
