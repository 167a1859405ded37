-- Each woman with a valid assessment in the edition: how many of each moment, and the first of them all.
create temporary table assessed_at on commit drop as
with told as (
  select woman, count(*) filter (where moment = 'start') as starts, count(*) filter (where moment = 'end') as ends
    from assessment_at
   where invalid is null
   group by woman
)
select distinct on (a.woman collate "C") w.places, a.woman, t.starts, t.ends, a.event_id, a.position
  from assessment_at as a
  join told as t using (woman)
  join woman_places_at as w using (woman)
 where a.invalid is null
 order by a.woman collate "C", a.occurred_on, a.first_id
