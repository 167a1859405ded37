-- Facts of one table that go: every version names a project of a retired edition, and nothing of it is spared.
select c.first_id::text
  from (
    select distinct f.first_id from facts.{table} as f where f.project in (select project from retired_project)
  ) as c
 where not exists (
         select
           from facts.{table} as o
          where o.first_id = c.first_id
            and (o.project not in (select project from retired_project){spared})
       )
 limit %(maximum)s
