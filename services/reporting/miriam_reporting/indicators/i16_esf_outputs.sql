-- code: I16
-- name: esf_outputs
-- version: 1
-- en: ESF+ outputs
-- fr: Réalisations FSE+
-- nl: ESF+-outputs
-- de: ESF+-Outputs
-- source: Regulation (EU) 2021/1057, Annex I: participants by employment, education and age
-- rule: women by their situation at their first enrolment in the edition / women for whom it is known; what is not answered or not
--   available is not counted

-- [shared] employment = EMPLOYMENT but not_answered | not_available
-- kind: share
-- unit: %
-- each: woman
select case when e.employment not in ('not_answered', 'not_available') then e.employment end as category,
       e.places, e.woman as unit, e.event_id, e.position,
       case when e.employment in ('not_answered', 'not_available') then 'excluded' else 'numerator' end as counted,
       case when e.employment in ('not_answered', 'not_available') then e.employment end as reason
  from first_enrolment_at as e

-- [shared] education = EDUCATION but not_answered | not_available
-- kind: share
-- unit: %
-- each: woman
select case when e.education not in ('not_answered', 'not_available') then e.education end as category,
       e.places, e.woman as unit, e.event_id, e.position,
       case when e.education in ('not_answered', 'not_available') then 'excluded' else 'numerator' end as counted,
       case when e.education in ('not_answered', 'not_available') then e.education end as reason
  from first_enrolment_at as e

-- [shared] age_band = AGE_BANDS but not_available
-- kind: share
-- unit: %
-- each: woman
select case when e.age_band not in ('not_answered', 'not_available') then e.age_band end as category,
       e.places, e.woman as unit, e.event_id, e.position,
       case when e.age_band in ('not_answered', 'not_available') then 'excluded' else 'numerator' end as counted,
       case when e.age_band in ('not_answered', 'not_available') then e.age_band end as reason
  from first_enrolment_at as e
