-- Participations and groups that facts of the edition's projects name, at whatever position: what else is said of
-- them, elsewhere too, may matter here. And all that were ever linked, for who a woman is may be told by another edition.
create temporary table concerned_at on commit drop as
select m.subject
  from facts.mention as m
  join project_at as p on p.project = m.project and p.asked
 union
select f.participation from facts.person_link as f
 union
select f.other from facts.person_link as f
