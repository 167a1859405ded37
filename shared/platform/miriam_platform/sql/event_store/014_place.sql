-- Where this database was when it last opened. A database cannot know that it was restored; but it can see that it is
-- elsewhere: another server, another history of the server (a promoted replica), another database, another table.
create table if not exists event_store.place (
  singleton boolean     primary key default true check (singleton),
  place     text        not null,
  noted_at  timestamptz not null default now()
);
