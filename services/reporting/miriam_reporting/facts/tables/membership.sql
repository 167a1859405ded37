-- Who joined a group, and who left it. `cpas` is the woman's, not the group's.

-- [facts] group.joined group.left

-- [table]
create table membership (
  like version including defaults,
  fact          text not null,
  project       text not null,
  group_id      text not null,
  participation text not null,
  reason        text
);

-- [rows]
insert into membership
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, group_id, participation, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'group',
       v.payload->>'participation',
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on membership (from_position);
create index on membership (first_id);
create index on membership (project, group_id);
create index on membership (group_id, participation);
