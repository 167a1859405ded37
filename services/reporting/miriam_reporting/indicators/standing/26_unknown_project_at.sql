-- Projects that facts name and that nobody approved. Each table's index is skipped through, name by name: there are
-- few names, and millions of facts.
create temporary table unknown_project_at on commit drop as
with recursive session_name (project) as (
  (select f.project from facts.session as f order by f.project limit 1)
   union all
  select (select f.project from facts.session as f where f.project > n.project order by f.project limit 1)
    from session_name as n where n.project is not null
), goal_name (project) as (
  (select f.project from facts.goal as f order by f.project limit 1)
   union all
  select (select f.project from facts.goal as f where f.project > n.project order by f.project limit 1)
    from goal_name as n where n.project is not null
), assessment_name (project) as (
  (select f.project from facts.assessment as f order by f.project limit 1)
   union all
  select (select f.project from facts.assessment as f where f.project > n.project order by f.project limit 1)
    from assessment_name as n where n.project is not null
), referral_name (project) as (
  (select f.project from facts.referral as f order by f.project limit 1)
   union all
  select (select f.project from facts.referral as f where f.project > n.project order by f.project limit 1)
    from referral_name as n where n.project is not null
), attendance_name (project) as (
  (select f.project from facts.attendance as f order by f.project limit 1)
   union all
  select (select f.project from facts.attendance as f where f.project > n.project order by f.project limit 1)
    from attendance_name as n where n.project is not null
)
, named as (
  select project from session_name
   union
  select project from goal_name
   union
  select project from assessment_name
   union
  select project from referral_name
   union
  select project from attendance_name
)
select n.project
  from named as n
 where n.project is not null
   and not exists (select from project_at as p where p.project = n.project)
