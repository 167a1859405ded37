-- The ledger: every recorded event of every service, as a leaf, in one order for good.
create schema ledger;

-- `body` is the recorded event exactly as hashed, `hash` SHA-256 over 0x00 and its bytes (RFC 6962, 2.1);
-- `data` is derived from it, for projecting. A sweep checks that the three agree.
create table ledger.leaf (
  position    bigint      primary key check (position > 0),
  source      text        not null,
  sequence    bigint      not null check (sequence > 0),
  event_id    uuid        not null,
  type        text        not null,
  body        text        not null,
  hash        bytea       not null check (octet_length(hash) = 32),
  data        jsonb       not null,
  received_at timestamptz not null default now(),
  unique (source, sequence),
  unique (event_id)
);
-- A projection reads the leaves of its own types alone: one visit a leaf, however many fact tables there are.
create index leaf_type_position on ledger.leaf (type, position);

-- The one row whose lock orders all writing: positions are contiguous, and never seen out of order.
create table ledger.head (
  singleton boolean primary key default true check (singleton),
  position  bigint  not null    default 0    check (position >= 0)
);
insert into ledger.head default values;

-- How far the ledger holds each source, without a hole.
create table ledger.source (
  source        text        primary key check (source ~ '^[a-z]+$'),
  last_sequence bigint      not null default 0 check (last_sequence >= 0),
  moved_at      timestamptz not null default now()
);

-- Numbers that were missing when a later one arrived, and when their owner had given them again.
create table ledger.gap (
  source     text        not null,
  first      bigint      not null,
  last       bigint      not null check (last >= first),
  noticed_at timestamptz not null default now(),
  filled_at  timestamptz,
  primary key (source, first, last)
);

-- What must not happen: kept with the body as it came, for an operator and an auditor.
--   differs      the ledger holds another body under this number
--   unreadable   no recorded event of that source
--   sender       the broker does not vouch for the service that it claims to come from
--   rejected     the ledger's own constraints refused it (an event id under a second number)
create table ledger.alarm (
  id         bigint      generated always as identity primary key,
  kind       text        not null check (kind in ('differs', 'unreadable', 'sender', 'rejected')),
  source     text        not null,
  sequence   bigint,
  body       bytea       not null,
  digest     bytea       generated always as (sha256(body)) stored,
  detail     text        not null default '',
  raised_at  timestamptz not null default now(),
  unique (kind, source, digest)
);
