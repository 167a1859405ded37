-- code: D02
-- name: incomplete
-- version: 1
-- en: Incomplete enrolments
-- fr: Inscriptions incomplètes
-- nl: Onvolledige inschrijvingen
-- de: Unvollständige Einschreibungen
-- source: ESF+: a record that misses a mandatory variable is not counted
-- rule: valid enrolments of which a variable is not answered or not available / valid enrolments; by variable

-- [part]
-- kind: share
-- unit: %
-- each: row
-- place: spot
select p.spot, p.participation as unit, p.event_id, p.position,
       case when array[p.employment, p.education, p.age_band] && array['not_answered', 'not_available']
            then 'numerator' else 'denominator'
       end as counted,
       null::text as reason
  from participation_at as p
 where p.spot is not null

-- [own] variable = employment | education | age_band
-- kind: share
-- unit: %
-- each: row
-- place: spot
select v.name as category, p.spot, p.participation as unit, p.event_id, p.position,
       case when v.value in ('not_answered', 'not_available') then 'numerator' else 'denominator' end as counted,
       null::text as reason
  from participation_at as p
 cross join lateral (
         values ('employment', p.employment), ('education', p.education), ('age_band', p.age_band)
       ) as v (name, value)
 where p.spot is not null
