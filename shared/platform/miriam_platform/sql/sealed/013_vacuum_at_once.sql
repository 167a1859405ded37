-- What was destroyed lies in its page until that is vacuumed: here at the first dead row, not after a fifth of the table.
do $$
begin
  if exists (select from pg_class where oid = 'sealed.block'::regclass and reloptions is null) then
    alter table sealed.block set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
    alter table sealed.key set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
  end if;
end $$;
