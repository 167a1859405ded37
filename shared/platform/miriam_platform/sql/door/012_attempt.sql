-- How often an event failed by our own fault; a row leaves when the event is recorded, refused or parked.
create table if not exists door.attempt (
  fingerprint bytea       primary key,
  emitter     text        not null,
  attempts    integer     not null,
  last_error  text        not null,
  last_at     timestamptz not null default now()
);
