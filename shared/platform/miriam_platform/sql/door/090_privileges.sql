grant usage on schema door to {app};
grant select on door.emitter to {app};
grant select, insert, update, delete on door.refusal, door.attempt, door.parked to {app};
grant select, update on door.refusal_counter to {app};
grant select, insert on door.decision to {app};
revoke all on all functions in schema door from public;
grant execute on all functions in schema door to {app};
revoke execute on function door.register_emitter(text, text, boolean) from {app};
