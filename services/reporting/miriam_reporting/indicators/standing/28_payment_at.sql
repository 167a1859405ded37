-- Payments of subsidy to projects of the edition, in euro cents. They are of the project's CPAS.
create temporary table payment_at on commit drop as
select f.amount, p.cpas, f.project, coalesce(r.region, 'unknown') as region,
       f.first_id, f.event_id, f.from_position as position
  from facts.payment as f
  join project_at as p on p.project = f.project and p.asked
  left join cpas_at as r on r.cpas = p.cpas
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
