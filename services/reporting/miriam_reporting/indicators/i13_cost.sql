-- code: I13
-- name: cost
-- version: 1
-- en: Cost
-- fr: Coût
-- nl: Kosten
-- de: Kosten
-- source: what auditors ask: costs against subsidy; the programme's budget
-- rule: the edition's budget; its projects' subsidies, payments and declared costs; payments and costs per woman supported and
--   per participation supported

-- [part] measure = budget
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
select null::text as cpas, null::text as project, null::text as region, e.edition as unit, e.event_id, e.position,
       'numerator' as counted, null::text as reason, e.budget as amount
  from edition_at as e

-- [part] measure = subsidy
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
select p.cpas, p.project, coalesce(r.region, 'unknown') as region, p.project as unit, p.event_id, p.position,
       'numerator' as counted, null::text as reason, p.subsidy as amount
  from project_at as p
  left join cpas_at as r using (cpas)
 where p.asked

-- [part] measure = paid
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
select m.cpas, m.project, m.region, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from payment_at as m

-- [part] measure = declared
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
select m.cpas, m.project, m.region, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from cost_at as m

-- [part] measure = paid_per_woman
-- kind: per_unit
-- unit: EUR
-- divide: 100
select m.cpas, m.project, m.region, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from payment_at as m
 union all
select p.cpas, p.project, p.region, p.woman, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (participation)

-- [part] measure = declared_per_woman
-- kind: per_unit
-- unit: EUR
-- divide: 100
select m.cpas, m.project, m.region, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from cost_at as m
 union all
select p.cpas, p.project, p.region, p.woman, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (participation)

-- [part] measure = paid_per_place
-- kind: per_unit
-- unit: EUR
-- divide: 100
-- each: row
select m.cpas, m.project, m.region, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from payment_at as m
 union all
select p.cpas, p.project, p.region, p.participation, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (participation)

-- [part] measure = declared_per_place
-- kind: per_unit
-- unit: EUR
-- divide: 100
-- each: row
select m.cpas, m.project, m.region, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from cost_at as m
 union all
select p.cpas, p.project, p.region, p.participation, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (participation)
