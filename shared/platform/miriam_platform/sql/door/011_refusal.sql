-- How many refusals there were so far; its lock orders them, so that their numbers have no holes.
create table if not exists door.refusal_counter (
  singleton   boolean primary key default true check (singleton),
  last_number bigint  not null    default 0
);

insert into door.refusal_counter default values on conflict do nothing;

-- What was refused, kept for 90 days (law 11). `payload` is sealed with the door's key; the other columns
-- hold nothing that was not checked to be a mere id, and `problems` never repeats a value.
-- A message that comes again unchanged is the same refusal: `times` counts how often it was sent.
create table if not exists door.refusal (
  number           bigint      primary key,
  id               uuid        not null unique,
  emitter          text        not null,
  fingerprint      bytea       not null,
  emitted_id       text,
  emitted_type     text,
  subject          text,
  correlation      text,
  routing_key      text        not null,
  rule             text        not null,
  problems         jsonb       not null,
  payload          bytea       not null,
  times            integer     not null default 1,
  status           text        not null default 'kept' check (status in ('kept', 'asked', 'retried', 'discarded')),
  first_refused_at timestamptz not null default now(),
  last_refused_at  timestamptz not null default now(),
  expires_at       timestamptz not null default now() + interval '90 days',
  unique (emitter, fingerprint)
);

create index if not exists refusal_expires_at on door.refusal (expires_at);
