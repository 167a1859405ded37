-- Each woman's end assessment: the last of her valid ones in the edition.
create temporary table end_assessment_at on commit drop as
select distinct on (a.woman collate "C")
       w.places, a.woman, a.event_id, a.position,
       a.finances_change, a.social_support_change, a.housing_change, a.mobility_change, a.physical_health_change,
       a.leisure_change, a.mental_wellbeing_change, a.autonomy_change, a.self_confidence_change
  from assessment_at as a
  join woman_places_at as w using (woman)
 where a.moment = 'end' and a.invalid is null
 order by a.woman collate "C", a.occurred_on desc, a.first_id desc
