-- Group sessions of the edition that were held.
create temporary table group_session_at on commit drop as
select f.group_id, f.cpas, f.project, coalesce(r.region, 'unknown') as region,
       case when g.group_id is null then 'group_retracted'
            when g.project <> f.project then 'project_differs'
            when c.cpas is null then 'project_not_carried'
            when f.occurred_on < a.starts_on or f.occurred_on > a.ends_on then 'outside_edition'
       end as invalid,
       f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from facts.group_session as f
  join project_at as p on p.project = f.project and p.asked
 cross join edition_at as a
  left join group_at as g on g.group_id = f.group_id
  left join carrier_at as c on c.project = f.project and c.cpas = f.cpas
  left join cpas_at as r on r.cpas = f.cpas
 where f.fact = 'held'
   and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
