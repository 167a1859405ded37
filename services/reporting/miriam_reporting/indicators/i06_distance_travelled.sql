-- code: I06
-- name: distance_travelled
-- version: 1
-- en: Distance travelled
-- fr: Chemin parcouru
-- nl: Afgelegde weg
-- de: Zurückgelegter Weg
-- source: end minus start of her satisfaction, as the edition of 2022-23 was accounted for
-- rule: by measured domain, over the women with a valid answer at the start and at the end: sum of (end - start) / pairs;
--   her first valid start, her last valid end

-- [own] domain = MEASURED_DOMAINS
-- kind: paired
-- unit: points
with answer as (
  select a.woman, a.moment, d.domain, d.score, a.occurred_on, a.first_id, a.event_id, a.position
    from assessment_at as a
   cross join lateral (
           values ('finances', a.finances_status, a.finances_score),
                  ('social_support', a.social_support_status, a.social_support_score),
                  ('housing', a.housing_status, a.housing_score),
                  ('mobility', a.mobility_status, a.mobility_score),
                  ('physical_health', a.physical_health_status, a.physical_health_score),
                  ('leisure', a.leisure_status, a.leisure_score),
                  ('mental_wellbeing', a.mental_wellbeing_status, a.mental_wellbeing_score),
                  ('autonomy', a.autonomy_status, a.autonomy_score),
                  ('self_confidence', a.self_confidence_status, a.self_confidence_score)
         ) as d (domain, status, score)
   where a.invalid is null and d.status = 'valid'
), first_start as (
  select distinct on (woman collate "C", domain) * from answer
   where moment = 'start'
   order by woman collate "C", domain, occurred_on, first_id
), last_end as (
  select distinct on (woman collate "C", domain) * from answer
   where moment = 'end'
   order by woman collate "C", domain, occurred_on desc, first_id desc
), side as (
  select s.*, exists (select from last_end as e where e.woman = s.woman and e.domain = s.domain) as paired
    from first_start as s
   union all
  select e.*, exists (select from first_start as s where s.woman = e.woman and s.domain = e.domain)
    from last_end as e
)
select s.domain as category, p.cpas, p.project, p.region, p.woman as unit, s.event_id, s.position,
       case when s.paired then 'numerator' else 'excluded' end as counted,
       case when s.paired then s.moment when s.moment = 'start' then 'no_end' else 'no_start' end as reason,
       case when s.paired then s.score end as amount
  from side as s
  join place_at as p using (woman)
