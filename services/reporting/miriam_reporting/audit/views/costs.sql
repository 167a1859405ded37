-- view: 10 costs
-- columns: kind+=cost_line, project+, cpas+, region=region, consortium, places+, participations, supported+, women+,
--   budget=number, subsidy+=number, paid+=number, unpaid=number, declared+=number, personnel=number, operation=number,
--   activities=number, childcare=number, other=number, undeclared+=number, event_id, position

-- A line for each project and one for the edition. Amounts in euro. `participations` are its valid enrolments, `supported`
-- those with a session, `women` the distinct women among these. `unpaid` = subsidy - paid; `undeclared` = paid - declared;
-- of the edition, `unpaid` is of its subsidies, and `budget` what they are granted from.
with asked as (
  select p.project, p.cpas, p.consortium, p.subsidy, p.event_id, p.position from project_at as p where p.asked
), people as (
  select grouping(e.project) = 1 as whole, e.project, count(*) as participations, count(c.seat) as supported,
         count(distinct case when c.seat is not null then e.woman_no end) as women
    from participation_at as e
    left join contact_at as c using (seat)
   where e.spot is not null
   group by grouping sets ((e.project), ())
), paid as (
  select grouping(f.project) = 1 as whole, f.project, sum(f.amount) as amount
    from facts.payment as f
    join asked using (project)
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   group by grouping sets ((f.project), ())
), declared as (
  select grouping(f.project) = 1 as whole, f.project, sum(f.amount) as amount,
         sum(f.amount) filter (where f.category = 'personnel') as personnel,
         sum(f.amount) filter (where f.category = 'operation') as operation,
         sum(f.amount) filter (where f.category = 'activities') as activities,
         sum(f.amount) filter (where f.category = 'childcare') as childcare,
         sum(f.amount) filter (where f.category = 'other') as other
    from facts.cost as f
    join asked using (project)
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   group by grouping sets ((f.project), ())
), line as (
  select false as whole, a.project, a.cpas, coalesce(r.region, 'unknown') as region, a.consortium, f.places,
         null::bigint as budget, a.subsidy, a.event_id, a.position
    from asked as a
    join facts.project as f on f.from_position = a.position
    left join cpas_at as r on r.cpas = a.cpas
   union all
  select true, null, null, null, null,
         (select sum(f.places) from asked as a join facts.project as f on f.from_position = a.position),
         e.budget, (select sum(subsidy) from asked), e.event_id, e.position
    from edition_at as e
   where %(cpas)s::text is null
)
select case when l.whole then 'edition' else 'project' end as kind, l.project, l.cpas, l.region, l.consortium, l.places,
       coalesce(w.participations, 0), coalesce(w.supported, 0), coalesce(w.women, 0),
       l.budget / 100.00, coalesce(l.subsidy, 0) / 100.00, coalesce(p.amount, 0) / 100.00,
       (coalesce(l.subsidy, 0) - coalesce(p.amount, 0)) / 100.00, coalesce(d.amount, 0) / 100.00,
       coalesce(d.personnel, 0) / 100.00, coalesce(d.operation, 0) / 100.00, coalesce(d.activities, 0) / 100.00,
       coalesce(d.childcare, 0) / 100.00, coalesce(d.other, 0) / 100.00,
       (coalesce(p.amount, 0) - coalesce(d.amount, 0)) / 100.00, l.event_id::text, l.position
  from line as l
  left join people as w on w.whole = l.whole and (l.whole or w.project = l.project)
  left join paid as p on p.whole = l.whole and (l.whole or p.project = l.project)
  left join declared as d on d.whole = l.whole and (l.whole or d.project = l.project)
 where %(cpas)s::text is null or l.cpas = %(cpas)s
 order by l.whole, l.cpas collate "C", l.project collate "C"
