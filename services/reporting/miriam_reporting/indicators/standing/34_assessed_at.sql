-- Each woman with a valid assessment in the edition: which sides there are, and the first of them.
create temporary table assessed_at on commit drop as
with side as (
  select woman, bool_or(moment = 'start') as has_start, bool_or(moment = 'end') as has_end
    from assessment_at
   where invalid is null
   group by woman
)
select distinct on (a.woman collate "C") a.woman, s.has_start, s.has_end, a.event_id, a.position
  from assessment_at as a
  join side as s using (woman)
 where a.invalid is null
 order by a.woman collate "C", a.occurred_on, a.first_id
