-- Which CPAS carry which project of the edition: its own, and the members of its consortium, where that stands. Each
-- such pair is a spot with a number: whatever counts, counts at one of them, and numbers are grouped faster than names.
create temporary table carrier_at on commit drop as
with carried as (
  select p.project, p.cpas from project_at as p where p.asked
   union
  select p.project, m.cpas
    from project_at as p
    join consortium_member_at as m using (consortium)
   where p.asked
)
select row_number() over ()::integer as spot, project, cpas from carried
