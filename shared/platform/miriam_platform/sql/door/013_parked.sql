-- Events that we could not handle, and the later events of their subjects, in the order of their arrival.
-- An operator has them retried (`asked`, until the inbox has done it) or discarded.
-- `error` names the exception and the place in the code, never its message: that could hold a value.
create table if not exists door.parked (
  position     bigint generated always as identity primary key,
  emitter      text        not null,
  subject      text        not null,
  fingerprint  bytea       not null,
  emitted_id   text,
  emitted_type text,
  correlation  text,
  routing_key  text        not null,
  payload      bytea       not null,
  attempts     integer     not null,
  error        text        not null,
  status       text        not null default 'parked' check (status in ('parked', 'asked', 'retried', 'discarded')),
  parked_at    timestamptz not null default now(),
  settled_at   timestamptz
);

create unique index if not exists parked_once on door.parked (emitter, fingerprint) where status in ('parked', 'asked');
create index if not exists parked_subject on door.parked (emitter, subject) where status in ('parked', 'asked');
