-- The edition asked for, as it stood at N: what its facts are judged by. One row; none where it is not opened.
create temporary table edition_at on commit drop as
select f.edition, f.starts_on, f.ends_on, f.eligibility, f.late_after_days, f.budget,
       f.event_id, f.from_position as position
  from facts.edition as f
 where f.edition = %(edition)s
   and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.occurred_on, f.first_id
 limit 1
