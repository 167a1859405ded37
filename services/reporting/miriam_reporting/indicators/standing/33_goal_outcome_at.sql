-- Valid goals and what became of them: reached, else abandoned, else open. Told more than once, the first counts.
create temporary table goal_outcome_at on commit drop as
with told as (
  select distinct on (t.participation collate "C", t.goal collate "C", t.fact)
         t.participation, t.goal, t.fact, t.evidence, t.event_id, t.position
    from goal_event_at as t
   where t.invalid is null
   order by t.participation collate "C", t.goal collate "C", t.fact, t.occurred_on, t.first_id
)
select g.spot, g.first_id, g.event_id, g.position, g.domain,
       case when r.goal is not null then 'reached' when a.goal is not null then 'abandoned' else 'open' end as outcome,
       r.evidence,
       coalesce(r.event_id, a.event_id) as outcome_event_id, coalesce(r.position, a.position) as outcome_position
  from goal_at as g
  left join told as r on r.participation = g.participation and r.goal = g.goal and r.fact = 'reached'
  left join told as a on a.participation = g.participation and a.goal = g.goal and a.fact = 'abandoned'
 where g.invalid is null
