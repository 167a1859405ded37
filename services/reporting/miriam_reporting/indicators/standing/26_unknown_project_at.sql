-- Projects that facts name and that nobody approved. The index of what is mentioned is skipped through, name by name:
-- there are few names, and many that mention them.
create temporary table unknown_project_at on commit drop as
with recursive named (project) as (
  (select m.project from facts.mention as m order by m.project limit 1)
   union all
  select (select m.project from facts.mention as m where m.project > n.project order by m.project limit 1)
    from named as n
   where n.project is not null
)
select n.project
  from named as n
 where n.project is not null
   and not exists (select from project_at as p where p.project = n.project)
