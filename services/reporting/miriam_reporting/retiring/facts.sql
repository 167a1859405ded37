-- Facts of one table that go, oldest first: every version names a project of a retired edition, nothing of it is spared.
select c.first_id::text, c.position
  from (
    select f.first_id, min(f.from_position) as position
      from facts.{table} as f
     where f.project in (select project from retired_project)
     group by f.first_id
  ) as c
 where not exists (
         select
           from facts.{table} as o
          where o.first_id = c.first_id
            and (o.project not in (select project from retired_project){spared})
       )
 order by c.position
 limit %(maximum)s
