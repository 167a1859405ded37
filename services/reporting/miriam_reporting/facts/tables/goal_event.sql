-- What became of goals: `progressed` with per cent, `reached` with evidence, `abandoned` with reason.

-- [facts] goal.progressed goal.reached goal.abandoned

-- [table]
create table goal_event (
  like version including defaults,
  fact          text not null,
  project       text not null,
  participation text not null,
  goal          text not null,
  percent       integer,
  evidence      text,
  reason        text
);

-- [rows]
insert into goal_event
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, participation, goal, percent, evidence, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'goal',
       (v.payload->>'percent')::integer,
       v.payload->>'evidence',
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on goal_event (from_position);
create index on goal_event (first_id);
create index on goal_event (project, fact);  -- of ten rows, eight only tell of progress
