grant usage on schema sealed to {app};
grant select, insert, update on sealed.key to {app};
grant select, insert, delete on sealed.block to {app};
grant select, update on sealed.followed to {app};
grant execute on all functions in schema sealed to {app};
