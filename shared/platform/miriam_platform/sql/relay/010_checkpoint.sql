-- How far the relay has come: every event up to `sequence` was confirmed by the broker.
create table if not exists relay.checkpoint (
  singleton boolean     primary key default true check (singleton),
  sequence  bigint      not null    default 0,
  moved_at  timestamptz not null    default now()
);

insert into relay.checkpoint default values on conflict do nothing;
