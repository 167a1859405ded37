-- code: I05
-- name: domain_progress
-- version: 1
-- en: Progress by domain
-- fr: Progrès par domaine
-- nl: Vooruitgang per domein
-- de: Fortschritt nach Bereich
-- source: the questionnaire's six domains, with mental well-being, autonomy and self-confidence
-- rule: by measured domain, women who answered `better` at the end / women who answered `worse`, `same` or `better`

-- [own] domain = MEASURED_DOMAINS
-- kind: share
-- unit: %
-- each: woman
select d.domain as category, a.places, a.woman as unit, a.event_id, a.position,
       case d.change when 'better' then 'numerator'
                     when 'same' then 'denominator'
                     when 'worse' then 'denominator'
                     else 'excluded'
       end as counted,
       case when d.change not in ('worse', 'same', 'better') then d.change end as reason
  from end_assessment_at as a
 cross join lateral (
         values ('finances', a.finances_change),
                ('social_support', a.social_support_change),
                ('housing', a.housing_change),
                ('mobility', a.mobility_change),
                ('physical_health', a.physical_health_change),
                ('leisure', a.leisure_change),
                ('mental_wellbeing', a.mental_wellbeing_change),
                ('autonomy', a.autonomy_change),
                ('self_confidence', a.self_confidence_change)
       ) as d (domain, change)
