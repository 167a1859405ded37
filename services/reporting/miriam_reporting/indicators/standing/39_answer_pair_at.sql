-- By woman and measured domain, her first valid answer at the start and her last valid one at the end; either may be
-- missing. Nearly all women have one start and one end at most: only for the others are first and last looked for.
create temporary view answer_pair_at as
with answer as (
  select w.places, a.woman, a.moment, d.domain, d.score, a.occurred_on, a.first_id, a.event_id, a.position
    from assessed_at as w
    join assessment_at as a on a.woman = w.woman and a.invalid is null
   cross join lateral (
           values ('finances', a.finances_score),
                  ('social_support', a.social_support_score),
                  ('housing', a.housing_score),
                  ('mobility', a.mobility_score),
                  ('physical_health', a.physical_health_score),
                  ('leisure', a.leisure_score),
                  ('mental_wellbeing', a.mental_wellbeing_score),
                  ('autonomy', a.autonomy_score),
                  ('self_confidence', a.self_confidence_score)
         ) as d (domain, score)
   where (w.starts > 1 or w.ends > 1) and d.score is not null
), first_start as (
  select distinct on (woman collate "C", domain) * from answer
   where moment = 'start'
   order by woman collate "C", domain, occurred_on, first_id
), last_end as (
  select distinct on (woman collate "C", domain) * from answer
   where moment = 'end'
   order by woman collate "C", domain, occurred_on desc, first_id desc
)
select w.places, w.woman, d.domain,
       d.start_score, s.event_id as start_event_id, s.position as start_position,
       d.end_score, e.event_id as end_event_id, e.position as end_position
  from assessed_at as w
  left join assessment_at as s on s.woman = w.woman and s.moment = 'start' and s.invalid is null
  left join assessment_at as e on e.woman = w.woman and e.moment = 'end' and e.invalid is null
 cross join lateral (
         values ('finances', s.finances_score, e.finances_score),
                ('social_support', s.social_support_score, e.social_support_score),
                ('housing', s.housing_score, e.housing_score),
                ('mobility', s.mobility_score, e.mobility_score),
                ('physical_health', s.physical_health_score, e.physical_health_score),
                ('leisure', s.leisure_score, e.leisure_score),
                ('mental_wellbeing', s.mental_wellbeing_score, e.mental_wellbeing_score),
                ('autonomy', s.autonomy_score, e.autonomy_score),
                ('self_confidence', s.self_confidence_score, e.self_confidence_score)
       ) as d (domain, start_score, end_score)
 where w.starts <= 1 and w.ends <= 1
 union all
select coalesce(s.places, e.places), woman, domain,
       s.score, s.event_id, s.position, e.score, e.event_id, e.position
  from first_start as s
  full join last_end as e using (woman, domain)
