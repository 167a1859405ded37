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
-- each: woman
-- repeats: marked
select p.domain as category, p.places, p.woman as unit, v.event_id, v.position,
       case when t.paired then 'numerator' else 'excluded' end as counted,
       case when t.paired then v.side when v.side = 'start' then 'no_end' else 'no_start' end as reason,
       case when t.paired then v.score end as amount,
       -- A pair is counted by its end, which holds the start's score; the start's row shows where that comes from.
       case when t.paired then p.start_score end as paired_with,
       t.paired and v.side = 'start' as again
  from answer_pair_at as p
 cross join lateral (
         values (p.start_score is not null and p.end_score is not null)
       ) as t (paired)
 cross join lateral (
         values ('start', p.start_score, p.start_event_id, p.start_position),
                ('end', p.end_score, p.end_event_id, p.end_position)
       ) as v (side, score, event_id, position)
 where v.score is not null
