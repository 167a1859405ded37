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
-- place: spot
select null::integer as spot, e.edition as unit, e.event_id, e.position,
       'numerator' as counted, null::text as reason, e.budget as amount
  from edition_at as e

-- [part] measure = subsidy
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
-- place: spot
select c.spot, p.project as unit, p.event_id, p.position,
       'numerator' as counted, null::text as reason, p.subsidy as amount
  from project_at as p
  join carrier_at as c using (project, cpas)

-- [part] measure = paid
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
-- place: spot
select m.spot, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from payment_at as m

-- [part] measure = declared
-- kind: sum
-- unit: EUR
-- divide: 100
-- each: row
-- place: spot
select m.spot, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from cost_at as m

-- [part] measure = paid_per_woman
-- kind: per_unit
-- unit: EUR
-- divide: 100
-- place: spot
select m.spot, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from payment_at as m
 union all
select p.spot, p.woman, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (seat)

-- [part] measure = declared_per_woman
-- kind: per_unit
-- unit: EUR
-- divide: 100
-- place: spot
select m.spot, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from cost_at as m
 union all
select p.spot, p.woman, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (seat)

-- [part] measure = paid_per_place
-- kind: per_unit
-- unit: EUR
-- divide: 100
-- each: row
-- place: spot
select m.spot, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from payment_at as m
 union all
select p.spot, p.participation, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (seat)

-- [part] measure = declared_per_place
-- kind: per_unit
-- unit: EUR
-- divide: 100
-- each: row
-- place: spot
select m.spot, m.first_id::text as unit, m.event_id, m.position,
       'numerator' as counted, null::text as reason, m.amount
  from cost_at as m
 union all
select p.spot, p.participation, p.event_id, p.position, 'denominator', null, null
  from participation_at as p
  join contact_at as c using (seat)
