-- code: I12
-- name: referrals
-- version: 1
-- en: Referrals
-- fr: Orientations vers des partenaires
-- nl: Doorverwijzingen
-- de: Weitervermittlungen
-- source: the method: referrals to partners
-- rule: referrals closed / referrals made; by life domain; of those closed by outcome

-- [part]
-- [own] domain = LIFE_DOMAINS
-- kind: share
-- unit: %
-- each: row
-- repeats: marked
select r.domain as category, r.spot, r.cpas, r.project, r.first_id::text as unit, e.event_id, e.position,
       case when c.referral is not null then 'numerator' else 'denominator' end as counted, null::text as reason, e.again
  from referral_at as r
  left join referral_close_at as c
    on c.participation = r.participation and c.referral = r.referral and c.invalid is null
 cross join lateral (
         values (r.event_id, r.position, false), (c.event_id, c.position, true)
       ) as e (event_id, position, again)
 where r.invalid is null and e.event_id is not null
 union all
select null, r.spot, r.cpas, r.project, r.first_id::text, r.event_id, r.position, 'excluded', r.invalid, false
  from referral_at as r
 where r.invalid is not null
 union all
select null, c.spot, c.cpas, c.project, c.first_id::text, c.event_id, c.position, 'excluded', 'referral_not_made', false
  from unmade_referral_at as c

-- [shared] outcome = REFERRAL_OUTCOMES
-- kind: share
-- unit: %
-- each: row
-- place: spot
select c.outcome as category, r.spot, r.first_id::text as unit, c.event_id, c.position,
       'numerator' as counted, null::text as reason
  from referral_at as r
  join referral_close_at as c
    on c.participation = r.participation and c.referral = r.referral and c.invalid is null
 where r.invalid is null
