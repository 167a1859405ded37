-- What else happened in a participation: no figure counts it, but its page shows it.

-- [facts] participation.referred participation.case_manager_changed participation.paused participation.resumed participation.consent_withdrawn

-- [table]
create table participation_event (
  like version including defaults,
  fact          text not null,
  project       text not null,
  participation text not null,
  reason        text,
  referrer      text,
  case_manager  text
);

-- [rows]
insert into participation_event
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, project, participation, reason, referrer, case_manager)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.fact,
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'reason',
       v.payload->>'referrer',
       v.payload->>'case_manager'
  from versions as v;

-- [indexes]
create unique index on participation_event (from_position);
create index on participation_event (first_id);
create index on participation_event (project, participation);
