-- Groups that stand and that the edition is concerned with, whatever project they name.
create temporary table group_at on commit drop as
select distinct on (f.group_id collate "C") f.group_id, f.cpas, f.project, f.consortium
  from facts.grp as f
  join concerned_at as c on c.subject = f.group_id
 where f.fact = 'formed'
   and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.group_id collate "C", f.occurred_on, f.first_id
