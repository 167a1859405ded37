grant usage on schema relay to {app};
grant select, update on relay.checkpoint to {app};
grant execute on all functions in schema relay to {app};
