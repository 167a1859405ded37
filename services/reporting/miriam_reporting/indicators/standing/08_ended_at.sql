-- The end of each participation, whatever project it names.
create temporary table ended_at on commit drop as
select distinct on (f.participation collate "C")
       f.participation, f.project, f.cpas, f.reason, f.occurred_on,
       f.first_id, f.event_id, f.from_position as position
  from facts.exit as f
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.participation collate "C", f.occurred_on, f.first_id
