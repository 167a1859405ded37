-- Referrals that were made in the edition.
create temporary table referral_at on commit drop as
with stated as materialized (
  select f.*
    from facts.referral as f
    join project_at as p on p.project = f.project and p.asked
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
), named as (
  -- The same may be named by a fact of another project.
  select f.participation, f.referral, f.occurred_on, f.first_id from stated as f
   union all
  select o.participation, o.referral, o.occurred_on, o.first_id
    from elsewhere_at as e
    join facts.referral as o on o.project = e.project and o.participation = e.subject
   where o.from_position <= %(position)s and o.until_position > %(position)s and not o.retracted
), rival as materialized (
  -- What more than one fact names: there is little of it.
  select n.*
    from named as n
    join (select participation, referral from named group by participation, referral having count(*) > 1) as twice
   using (participation, referral)
)
select f.participation, e.seat,
       case when e.project = f.project then e.spot end as spot,
       case when e.project = f.project and e.spot is not null then null else f.cpas end as cpas,
       case when e.project = f.project and e.spot is not null then null else f.project end as project,
       case when e.seat is null then 'not_enrolled'
            when e.project <> f.project then 'project_differs'
            else e.invalid
       end as invalid,
       f.referral, f.domain, f.occurred_on, f.noted_on, f.first_id, f.event_id, f.from_position as position
  from stated as f
  left join participation_at as e on e.participation = f.participation
 where not exists (  -- of facts that name the same, the first counts
         select
           from rival as o
          where o.participation = f.participation and o.referral = f.referral
            and (o.occurred_on, o.first_id) < (f.occurred_on, f.first_id)
       )
