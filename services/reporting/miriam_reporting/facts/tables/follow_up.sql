-- Her situation some time after the end.

-- [facts] participation.followed_up

-- [table]
create table follow_up (
  like version including defaults,
  project       text not null,
  participation text not null,
  situation     text not null
);

-- [rows]
insert into follow_up
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, situation)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'situation'
  from versions as v;

-- [indexes]
create unique index on follow_up (from_position);
create index on follow_up (first_id);
create index on follow_up (project, participation);
