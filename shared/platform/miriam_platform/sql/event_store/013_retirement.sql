-- At the end of an edition's retention the bodies of its events are emptied. What stays is the leaf: the hash under which
-- the ledger holds the event, so that number, order and proof stand without the content.
do $$
begin
  -- Asked first: even a change that changes nothing would lock the table against all who read and record.
  if exists (select from pg_attribute where attrelid = 'event_store.event'::regclass and attname = 'leaf') then
    return;
  end if;
  alter table event_store.event add column leaf bytea;
  alter table event_store.event alter column body drop not null;
  -- Not valid: rows that are there hold a body, for it could not be null until now; they need not be read.
  alter table event_store.event
    add constraint event_body_or_leaf check ((body is null) = (leaf is not null) and octet_length(leaf) = 32) not valid;
end $$;
