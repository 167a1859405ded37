-- The level values at which a woman with these places counts, each once.
create temporary table place_level_at on commit drop as
select distinct p.places, l.level, l.value
  from place_at as p
 cross join lateral (
         values ('total', ''), ('region', p.region), ('cpas', p.cpas), ('project', p.project)
       ) as l (level, value)
