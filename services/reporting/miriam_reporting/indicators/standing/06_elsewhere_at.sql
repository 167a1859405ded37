-- The other projects, of other editions or of none, that facts of the same participations and groups name: few.
create temporary table elsewhere_at on commit drop as
select m.project, m.subject
  from facts.mention as m
  join concerned_at as c using (subject)
 where not exists (select from project_at as p where p.project = m.project and p.asked)
