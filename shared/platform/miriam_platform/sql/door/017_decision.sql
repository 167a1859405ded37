-- What operators decided about refused and parked events: which, who, why. Rows are added and read, nothing else, and
-- outlive what they are about. `place` is a refusal's number or a parked event's position.
create table if not exists door.decision (
  number     bigint      generated always as identity primary key,
  kind       text        not null check (kind in ('refusal', 'parked')),
  place      bigint      not null,
  action     text        not null check (action in ('retry', 'discard')),
  actor      text        not null check (actor ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'),
  reason     text        not null check (length(reason) between 3 and 300),
  decided_at timestamptz not null default now()
);

create index if not exists decision_place on door.decision (kind, place);
