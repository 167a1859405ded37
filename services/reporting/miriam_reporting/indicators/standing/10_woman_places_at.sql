-- Where a woman counts: the spots of her valid enrolments in the edition. Few women have more than one, and thousands
-- share theirs: so each set of spots has a number, `places`, and figures of women are counted by that number first.
create temporary table woman_places_at on commit drop as
with hers as (
  select woman, array_agg(distinct spot order by spot) as spots
    from participation_at
   where spot is not null
   group by woman
)
select woman, spots, dense_rank() over (order by spots)::integer as places from hers
