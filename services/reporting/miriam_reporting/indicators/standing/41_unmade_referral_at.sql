-- What was said to have become of referrals of the edition that nobody ever made.
create temporary table unmade_referral_at on commit drop as
with candidate as materialized (
  select c.*
    from referral_close_at as c
   where c.invalid is null
     and not exists (select from referral_at as r where r.participation = c.participation and r.referral = c.referral)
), elsewhere as materialized (
  select f.participation, f.referral
    from elsewhere_at as e
    join facts.referral as f on f.project = e.project and f.participation = e.subject
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
)
select c.*
  from candidate as c
 where not exists (select from elsewhere as e where e.participation = c.participation and e.referral = c.referral)
