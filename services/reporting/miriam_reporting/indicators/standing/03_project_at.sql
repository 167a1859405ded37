-- Each approved project, of every edition; `asked` where it is of the edition asked for.
create temporary table project_at on commit drop as
select distinct on (f.project collate "C")
       f.project, f.edition, f.edition = %(edition)s as asked, f.cpas, f.consortium, f.subsidy,
       f.event_id, f.from_position as position
  from facts.project as f
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.project collate "C", f.occurred_on, f.first_id
