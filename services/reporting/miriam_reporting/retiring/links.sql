-- Links that go: where one of the two took part in a retired edition, and neither is spared nor takes part elsewhere.
select f.first_id::text, min(f.from_position) as position
  from facts.person_link as f
 group by f.first_id
having bool_and(
         exists (
           select
             from facts.participation as p
            where p.participation in (f.participation, f.other)
              and p.project in (select project from retired_project)
         )
         and not exists (
           select
             from facts.participation as p
            where p.participation in (f.participation, f.other)
              and (p.project in (select project from live_project)
                   or p.participation in (select s.participation from spared_link as s))
         )
       )
 order by position
 limit %(maximum)s
