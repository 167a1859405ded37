-- The level values at which a woman with these places counts, each once.
create temporary table place_level_at on commit drop as
select distinct p.places, l.level, l.value
  from place_at as p
  join carrier_at as c using (spot)
  left join cpas_at as r using (cpas)
 cross join lateral (
         values ('total', ''), ('region', coalesce(r.region, 'unknown')), ('cpas', c.cpas), ('project', c.project)
       ) as l (level, value)
