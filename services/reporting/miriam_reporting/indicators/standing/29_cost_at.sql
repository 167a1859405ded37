-- Costs that projects of the edition declared, in euro cents. They count at the project's own CPAS.
create temporary table cost_at on commit drop as
select f.amount, c.spot, f.first_id, f.event_id, f.from_position as position
  from facts.cost as f
  join project_at as p on p.project = f.project and p.asked
  join carrier_at as c on c.project = p.project and c.cpas = p.cpas
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
