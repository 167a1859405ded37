-- The places that each number stands for.
create temporary table place_at on commit drop as
select p.places, p.spots[i][1] as cpas, p.spots[i][2] as project, p.spots[i][3] as region
  from (select distinct places, spots from woman_places_at) as p
 cross join lateral generate_subscripts(p.spots, 1) as i
