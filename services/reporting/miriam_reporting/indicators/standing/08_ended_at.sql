-- The end of each participation that the edition is concerned with, whatever project it names.
create temporary table ended_at on commit drop as
select distinct on (f.participation collate "C")
       f.participation, f.project, f.cpas, f.reason, f.occurred_on,
       f.first_id, f.event_id, f.from_position as position
  from facts.exit as f
  join concerned_at as c on c.subject = f.participation
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.participation collate "C", f.occurred_on, f.first_id
