-- view: 5 assessments
-- columns: woman+, domain+=domain, pairing+=pairing, start_participation, start_on, start_status+=status, start_score+,
--   end_participation, end_on, end_status+=status, end_score+, difference+, change+=change, reason+=reason,
--   start_event_id, end_event_id

-- By woman and domain, the answer at the start and the one at the end that figures pair (I06): her first valid start
-- that has a score and her last valid end that has one; where none has a score, her first start and last end, whose
-- status says why there is none. `change` is what she said herself, at her last end assessment. Assessments that do not
-- count follow with their reason, and women without any. An empty status: she was not asked then.
with answer as materialized (
  select a.woman, a.participation, a.moment, d.turn, d.domain, d.status, d.score, d.change,
         a.occurred_on, a.first_id, a.event_id
    from assessment_at as a
    join facts.assessment as f on f.from_position = a.position
   cross join lateral (
           values (1, 'finances', f.finances_status, f.finances_score, f.finances_change),
           (2, 'social_support', f.social_support_status, f.social_support_score, f.social_support_change),
           (3, 'housing', f.housing_status, f.housing_score, f.housing_change),
           (4, 'mobility', f.mobility_status, f.mobility_score, f.mobility_change),
           (5, 'physical_health', f.physical_health_status, f.physical_health_score, f.physical_health_change),
           (6, 'leisure', f.leisure_status, f.leisure_score, f.leisure_change),
           (7, 'mental_wellbeing', f.mental_wellbeing_status, f.mental_wellbeing_score, f.mental_wellbeing_change),
           (8, 'autonomy', f.autonomy_status, f.autonomy_score, f.autonomy_change),
           (9, 'self_confidence', f.self_confidence_status, f.self_confidence_score, f.self_confidence_change)
         ) as d (turn, domain, status, score, change)
   where a.invalid is null
), start_answer as (
  select distinct on (woman collate "C", turn) * from answer
   where moment = 'start'
   order by woman collate "C", turn, score is null, occurred_on, first_id
), end_answer as (
  select distinct on (woman collate "C", turn) * from answer
   where moment = 'end'
   order by woman collate "C", turn, score is null, occurred_on desc, first_id desc
), said as (
  select a.woman, a.turn, a.change
    from end_assessment_at as e
    join answer as a on a.woman = e.woman and a.event_id = e.event_id
), line as (
  select coalesce(s.woman, e.woman) as woman, coalesce(s.turn, e.turn) as turn, coalesce(s.domain, e.domain) as domain,
         case when s.score is not null and e.score is not null then 'paired'
              when s.score is not null then 'no_end'
              when e.score is not null then 'no_start'
              else 'no_answer'
         end as pairing,
         s.participation as start_participation, s.occurred_on as start_on, s.status as start_status,
         s.score as start_score, e.participation as end_participation, e.occurred_on as end_on,
         e.status as end_status, e.score as end_score, e.score - s.score as difference, said.change,
         null::text as reason, s.event_id as start_event_id, e.event_id as end_event_id
    from start_answer as s
    full join end_answer as e on e.woman = s.woman and e.turn = s.turn
    left join said on said.woman = e.woman and said.turn = e.turn
   union all
  select a.woman, 10, null, 'excluded',
         case a.moment when 'start' then a.participation end, case a.moment when 'start' then a.occurred_on end,
         null, null,
         case a.moment when 'end' then a.participation end, case a.moment when 'end' then a.occurred_on end,
         null, null, null, null, a.invalid,
         case a.moment when 'start' then a.event_id end, case a.moment when 'end' then a.event_id end
    from assessment_at as a
   where a.invalid is not null
   union all
  select p.woman, 11, null, 'no_assessment', p.participation, null, null, null, null, null, null, null, null, null, null,
         null, null
    from participation_at as p
   where p.spot is not null
     and not exists (select from assessment_at as a where a.woman = p.woman and a.invalid is null)
)
select l.woman, l.domain, l.pairing, l.start_participation, l.start_on, l.start_status, l.start_score,
       l.end_participation, l.end_on, l.end_status, l.end_score, l.difference, l.change, l.reason,
       l.start_event_id::text, l.end_event_id::text
  from line as l
 where %(cpas)s::text is null
    or split_part(l.start_participation, ':', 1) = %(cpas)s or split_part(l.end_participation, ':', 1) = %(cpas)s
 order by l.woman collate "C", l.turn, l.start_participation collate "C", l.start_on, l.end_on, l.start_event_id,
          l.end_event_id
