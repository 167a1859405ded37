-- The enrolment of each participation that the edition is concerned with, in whatever edition it is.
create temporary table enrolled_at on commit drop as
select distinct on (f.participation collate "C")
       f.participation, f.project, f.cpas, f.person, f.person_known_by, f.eligibility,
       f.employment, f.education, f.age_band, f.occurred_on, f.noted_on,
       f.first_id, f.event_id, f.from_position as position
  from facts.participation as f
  join concerned_at as c on c.subject = f.participation
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.participation collate "C", f.occurred_on, f.first_id
