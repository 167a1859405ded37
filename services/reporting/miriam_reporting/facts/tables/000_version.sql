-- What every fact table has. A row is one version of a fact, and stood at position N of the ledger where
--   from_position <= N and N < until_position
-- so one predicate gives any as-of; `and not retracted` leaves those out that had been retracted by then.
-- A retraction is a version of its own, with the payload of the version that it ended.

-- [table]
create table version (
  first_id       uuid    not null,                               -- recorded id of the first event of the fact
  event_id       uuid    not null,                               -- of the event that made this version
  from_position  bigint  not null,                               -- ledger position of that event
  until_position bigint  not null default 9223372036854775807,   -- of the next version's; the default while it stands
  retracted      boolean not null default false,
  occurred_on    date    not null,                               -- day, in Brussels, on which it happened
  noted_on       date    not null,                               -- day, in Brussels, on which this version was noted
  cpas           text
);

create table checkpoint (
  singleton   boolean     primary key default true check (singleton),
  position    bigint      not null,                              -- leaves 1..position are in these tables
  definition  text        not null,                              -- SHA-256 of the files that made them
  moved_at    timestamptz not null default now()
);

-- Kept by ../mentions.py, whose heading says what for.
create table mention (
  project text not null,
  subject text not null,                                         -- id of a participation or group
  primary key (project, subject)
);
create index on mention (subject);

create table touched (
  project  text   primary key,                                   -- '' for what every edition rests on
  position bigint not null
);
