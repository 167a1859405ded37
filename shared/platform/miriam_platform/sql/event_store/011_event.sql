-- Recorded events, for good. `body` holds the exact bytes that were hashed and published.
-- The events of one fact stand next to each other: fact_number 0 .. fact_size - 1.
create table if not exists event_store.event (
  sequence    bigint      primary key,
  id          uuid        not null unique,
  stream      text        not null,
  version     integer     not null check (version > 0),
  type        text        not null,
  origin      text        not null,
  origin_id   text        not null,
  fact_number smallint    not null check (fact_number >= 0),
  fact_size   smallint    not null check (fact_size > fact_number),
  fingerprint bytea       not null,
  body        text        not null,
  recorded_at timestamptz not null,
  unique (stream, version)
);
