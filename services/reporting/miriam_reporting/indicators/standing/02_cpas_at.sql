-- Each CPAS with its region. A CPAS that is not here lies in the region `unknown`.
create temporary table cpas_at on commit drop as
select distinct on (f.cpas collate "C") f.cpas, f.region
  from facts.cpas as f
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.cpas collate "C", f.occurred_on, f.first_id
