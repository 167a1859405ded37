-- Notes who decided what, and why, about refusals or parked events; in the transaction that carries it out.
create or replace function door.note_decisions(kind text, places bigint[], action text, actor text, reason text)
returns void
language sql as $$
  insert into door.decision (kind, place, action, actor, reason)
  select note_decisions.kind, given.place, note_decisions.action, note_decisions.actor, note_decisions.reason
    from unnest(note_decisions.places) as given (place)
$$;
