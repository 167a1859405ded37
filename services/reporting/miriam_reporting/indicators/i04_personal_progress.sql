-- code: I04
-- name: personal_progress
-- version: 1
-- en: Progress in the personal situation
-- fr: Progrès dans la situation personnelle
-- nl: Vooruitgang in de persoonlijke situatie
-- de: Fortschritt in der persönlichen Lage
-- source: "73 % of the women reported progress in their personal situation" (closing event, 2023-24)
-- rule: women who answered `better` for finances, social support, housing or physical health at the end / women who answered
--   any of the four

-- [part]
-- kind: share
-- unit: %
with answered as (
  select a.*,
         array[a.finances_change, a.social_support_change, a.housing_change, a.physical_health_change] as changes
    from end_assessment_at as a
)
select p.spot, null as cpas, null as project, a.woman as unit, a.event_id, a.position,
       case when 'better' = any (a.changes) then 'numerator'
            when a.changes && array['worse', 'same'] then 'denominator'
            else 'excluded'
       end as counted,
       case when not a.changes && array['worse', 'same', 'better'] then 'not_answered' end as reason
  from answered as a
  join place_at as p using (places)
 union all
select p.spot, null, null, e.woman, e.event_id, e.position, 'excluded', 'no_end_assessment'
  from first_enrolment_at as e
  join place_at as p using (places)
 where not exists (select from end_assessment_at as a where a.woman = e.woman)
 union all
select a.spot, a.cpas, a.project, a.woman, a.event_id, a.position, 'excluded', a.invalid
  from assessment_at as a
 where a.moment = 'end' and a.invalid is not null
