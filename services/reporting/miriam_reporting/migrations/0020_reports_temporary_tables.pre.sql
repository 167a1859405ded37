-- A report lays out what stood at a position in temporary tables, dropped at the end of its transaction.
do $$ begin
  execute format('grant temporary on database %I to {app}', current_database());
end $$;
