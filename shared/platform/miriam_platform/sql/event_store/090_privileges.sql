-- The application may read, and may add through append() alone: so it can neither change a fact,
-- nor leave a hole in the numbers.
grant usage on schema event_store to {app};
grant select on event_store.event, event_store.counter, event_store.place, event_store.retired, event_store.wiped
   to {app};
revoke insert, update, delete, truncate on event_store.event, event_store.counter from {app};
revoke all on all functions in schema event_store from public;
grant execute on all functions in schema event_store to {app};
