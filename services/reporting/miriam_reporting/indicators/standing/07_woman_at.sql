-- Persons who turned out to be one woman, by links between their participations, and the name that she counts under:
-- the smallest of their ids. A person who is not here is a woman of her own.
create temporary table woman_at on commit drop as
with recursive verdict as (
  -- The last word on a pair, whichever of the two participations said it.
  select distinct on (pair.one collate "C", pair.other collate "C") pair.one, pair.other, f.fact
    from facts.person_link as f
   cross join lateral (
           select least(f.participation collate "C", f.other collate "C"),
                  greatest(f.participation collate "C", f.other collate "C")
         ) as pair (one, other)
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   order by pair.one collate "C", pair.other collate "C", f.occurred_on desc, f.first_id desc
), tie as materialized (
  select one.person as person, other.person as neighbour
    from verdict as v
    join enrolled_at as one on one.participation = v.one
    join enrolled_at as other on other.participation = v.other
   where v.fact = 'linked' and one.person <> other.person
), neighbour as materialized (
  select person, neighbour from tie
   union
  select neighbour, person from tie
), reach (person, reached) as (
  select person, neighbour from neighbour
   union
  select r.person, n.neighbour from reach as r join neighbour as n on n.person = r.reached
)
select person, min(reached collate "C") as woman from reach group by person
