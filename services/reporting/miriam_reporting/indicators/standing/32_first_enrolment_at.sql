-- Each woman's first valid enrolment in the edition: her situation at entry stays as it was then.
create temporary table first_enrolment_at on commit drop as
select distinct on (p.woman collate "C")
       w.places, p.woman, p.event_id, p.position, p.employment, p.education, p.age_band
  from participation_at as p
  join woman_places_at as w using (woman)
 where p.spot is not null
 order by p.woman collate "C", p.occurred_on, p.first_id
