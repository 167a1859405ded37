-- Facts of a retired edition are deleted by the projector, in the transaction that empties their leaves. Facts that are
-- made later come with this right (facts/schema.py).
do $$ begin
  if to_regnamespace('facts') is not null then
    execute 'grant delete on all tables in schema facts to {app}';
  end if;
end $$;
