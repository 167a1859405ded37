-- What the doors refused, up to N, of every edition: by tally, emitter and rule.
create temporary table refused_at on commit drop as
select f.event_id, f.from_position as position, f.cpas, f.rule, sum(f.refused) as amount
  from facts.refusal_tally as f
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 group by f.event_id, f.from_position, f.cpas, f.rule
