-- Where a woman counts: the CPAS and projects of her valid enrolments in the edition. Few women have more than one such
-- place, and thousands share theirs: so each set of places has a number, `places`, and figures of women are counted by
-- that number first.
create temporary table woman_places_at on commit drop as
with hers as (
  select woman, array_agg(distinct array[cpas, project, region] order by array[cpas, project, region]) as spots
    from participation_at
   where asked and invalid is null
   group by woman
)
select woman, spots, dense_rank() over (order by spots)::integer as places from hers
