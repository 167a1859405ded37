grant usage on schema door to {app};
grant select on door.emitter, door.token to {app};
grant select, insert, update, delete on door.refusal, door.attempt, door.parked to {app};
grant select, update on door.refusal_counter to {app};
grant select, insert on door.decision to {app};
revoke all on all functions in schema door from public;
grant execute on all functions in schema door to {app};
-- Who may come in, the operator says, as the owner.
revoke execute on function door.register_emitter(text, text, boolean) from {app};
revoke execute on function door.add_token(text, text, bytea, text[], timestamptz), door.revoke_token(text) from {app};
