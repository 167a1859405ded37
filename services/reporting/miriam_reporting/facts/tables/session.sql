-- Individual sessions that were held, and those that were missed (these without duration, place, theme, case manager).

-- [facts] session.held session.missed

-- [table]
create table session (
  like version including defaults,
  fact             text not null,
  project          text not null,
  participation    text not null,
  session          text not null,
  duration_minutes integer,
  place            text,
  theme            text,
  case_manager     text,
  reason           text
);

-- [rows]
insert into session
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, participation, session, duration_minutes, place, theme, case_manager, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'session',
       (v.payload->>'duration_minutes')::integer,
       v.payload->>'place',
       v.payload->>'theme',
       v.payload->>'case_manager',
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on session (from_position);
create index on session (first_id);
create index on session (project, participation);
