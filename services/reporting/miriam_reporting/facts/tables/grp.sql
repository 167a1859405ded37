-- Groups that were formed, and closed.

-- [facts] group.formed group.closed

-- [table]
create table grp (
  like version including defaults,
  fact       text not null,
  project    text not null,
  group_id   text not null,
  consortium text
);

-- [rows]
insert into grp
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, group_id, consortium)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'group', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'group',
       v.payload->>'consortium'
  from versions as v;

-- [indexes]
create unique index on grp (from_position);
create index on grp (first_id);
create index on grp (project, group_id);
create index on grp (group_id);
