-- The emitters that this service knows; each has a queue of its own, `<service>.inbox.<id>`.
create table if not exists door.emitter (
  id       text        primary key check (id ~ '^[a-z][a-z0-9-]{1,39}$'),
  kind     text        not null check (kind in ('cpas', 'authority', 'dpo')),
  test     boolean     not null default false,
  added_at timestamptz not null default now()
);
