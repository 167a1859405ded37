-- Group sessions of the edition that were held, each at its group's `spot`, or at `cpas` and `project` where it has none.
create temporary table group_session_at on commit drop as
select f.group_id, g.consortium, f.cpas as group_cpas, f.project as group_project,
       c.spot,
       case when c.spot is null then f.cpas end as cpas,
       case when c.spot is null then f.project end as project,
       case when g.group_id is null then 'group_retracted'
            when g.project <> f.project then 'project_differs'
            when c.spot is null then 'project_not_carried'
            when f.occurred_on < a.starts_on or f.occurred_on > a.ends_on then 'outside_edition'
       end as invalid,
       f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from facts.group_session as f
  join project_at as p on p.project = f.project and p.asked
 cross join edition_at as a
  left join group_at as g on g.group_id = f.group_id
  left join carrier_at as c on c.project = f.project and c.cpas = f.cpas
 where f.fact = 'held'
   and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
