create or replace trigger event_is_immutable
  before update or delete on event_store.event
  for each row execute function event_store.refuse_change();

create or replace trigger event_is_not_truncated
  before truncate on event_store.event
  for each statement execute function event_store.refuse_change();
