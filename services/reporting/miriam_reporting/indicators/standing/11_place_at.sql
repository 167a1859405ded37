-- The spots that each number of places stands for.
create temporary table place_at on commit drop as
select distinct places, unnest(spots) as spot from woman_places_at
