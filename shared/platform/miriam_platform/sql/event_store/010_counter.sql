-- The one row whose lock orders all recording: who holds it may give out the next numbers, and the
-- lock lasts until the commit. So numbers are contiguous, and nobody sees a later one before an earlier.
create table if not exists event_store.counter (
  singleton     boolean primary key default true check (singleton),
  last_sequence bigint  not null    default 0    check (last_sequence >= 0)
);

insert into event_store.counter default values on conflict do nothing;
