-- What has come to the end of its retention: editions, their projects, and streams of which nothing is left. Facts about
-- it are refused from then on. `because_of` is the recorded id of `edition.retired`.
create table if not exists event_store.retired (
  kind       text        not null check (kind in ('edition', 'project', 'stream')),
  name       text        not null,
  because_of uuid        not null,
  retired_at timestamptz not null default now(),
  primary key (kind, name)
);
