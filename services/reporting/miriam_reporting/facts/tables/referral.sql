-- Referrals to partners.

-- [facts] referral.made

-- [table]
create table referral (
  like version including defaults,
  project       text not null,
  participation text not null,
  referral      text not null,
  domain        text not null,
  partner       text not null
);

-- [rows]
insert into referral
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, referral, domain, partner)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'referral',
       v.payload->>'domain',
       v.payload->>'partner'
  from versions as v;

-- [indexes]
create unique index on referral (from_position);
create index on referral (first_id);
create index on referral (project, participation);
