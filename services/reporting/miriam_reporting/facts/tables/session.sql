-- Individual sessions that were held, and those that were missed (these without duration, place, theme, case manager).
-- Version 1 of session.held tells minutes and one theme, version 2 a duration and themes, of which the first is the main.

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
  theme            text,                                        -- the main one
  other_themes     jsonb,                                       -- the others, in their order; null where there are none
  case_manager     text,
  reason           text
);

-- [rows]
insert into session
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, participation, session, duration_minutes, place, theme, other_themes, case_manager, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'session',
       coalesce((v.payload->>'duration_minutes')::integer,
                (extract(epoch from (v.payload->>'duration')::interval) / 60)::integer),
       v.payload->>'place',
       coalesce(v.payload->>'theme', v.payload->'themes'->>0),
       nullif((v.payload->'themes') - 0, '[]'),
       v.payload->>'case_manager',
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on session (from_position);
create index on session (first_id);
create index on session (project, participation);
