-- Which CPAS carry which project of the edition: its own, and the members of its consortium, where that stands.
create temporary table carrier_at on commit drop as
with carried as (
  select p.project, p.cpas from project_at as p where p.asked
   union
  select p.project, m.cpas
    from project_at as p
    join consortium_member_at as m using (consortium)
   where p.asked
)
select c.project, c.cpas, coalesce(r.region, 'unknown') as region
  from carried as c
  left join cpas_at as r using (cpas)
