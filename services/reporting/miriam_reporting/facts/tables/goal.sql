-- Goals that were set, with their life domain.

-- [facts] goal.set

-- [table]
create table goal (
  like version including defaults,
  project       text not null,
  participation text not null,
  goal          text not null,
  domain        text not null
);

-- [rows]
insert into goal
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, goal, domain)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'goal',
       v.payload->>'domain'
  from versions as v;

-- [indexes]
create unique index on goal (from_position);
create index on goal (first_id);
create index on goal (project, participation);
