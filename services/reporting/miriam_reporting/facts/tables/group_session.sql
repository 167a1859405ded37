-- Group sessions that were held, and those that were cancelled (these with a reason alone).

-- [facts] groupsession.held groupsession.cancelled

-- [table]
create table group_session (
  like version including defaults,
  fact             text not null,
  project          text not null,
  group_id         text not null,
  groupsession     text not null,
  duration_minutes integer,
  theme            text,
  case_manager     text,
  present          integer,
  excused          integer,
  absent           integer,
  reason           text
);

-- [rows]
insert into group_session
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, group_id, groupsession, duration_minutes, theme, case_manager, present,
        excused, absent, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'group', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'group',
       v.payload->>'groupsession',
       (v.payload->>'duration_minutes')::integer,
       v.payload->>'theme',
       v.payload->>'case_manager',
       jsonb_array_length(v.payload->'present'),
       jsonb_array_length(v.payload->'excused'),
       jsonb_array_length(v.payload->'absent'),
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on group_session (from_position);
create index on group_session (first_id);
create index on group_session (project, group_id);
create index on group_session (group_id);
