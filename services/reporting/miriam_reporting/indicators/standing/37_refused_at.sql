-- What the doors refused, up to N, of every edition: by tally, emitter and rule.
create temporary table refused_at on commit drop as
select f.event_id, f.from_position as position, f.cpas, r.region, f.rule, sum(f.refused) as amount
  from facts.refusal_tally as f
  left join cpas_at as r using (cpas)
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 group by f.event_id, f.from_position, f.cpas, r.region, f.rule
