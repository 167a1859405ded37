-- What became of referrals.

-- [facts] referral.closed

-- [table]
create table referral_close (
  like version including defaults,
  project       text not null,
  participation text not null,
  referral      text not null,
  outcome       text not null
);

-- [rows]
insert into referral_close
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, referral, outcome)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'referral',
       v.payload->>'outcome'
  from versions as v;

-- [indexes]
create unique index on referral_close (from_position);
create index on referral_close (first_id);
create index on referral_close (project, participation);
