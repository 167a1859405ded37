-- Which numbered scripts were applied, with the hash of what was applied.
create schema if not exists migration;

create table if not exists migration.applied (
  name       text        primary key,
  sha256     text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  applied_at timestamptz not null default now()
);
