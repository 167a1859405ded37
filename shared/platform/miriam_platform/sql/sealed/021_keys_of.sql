-- The wrapped keys of participations; where one has none, the fresh one given beside it becomes its key.
-- One whose key was destroyed is left out. The keys cannot be destroyed before this transaction ends.
create or replace function sealed.keys_of(participations text[], fresh bytea[])
returns table (participation text, wrapped bytea)
language plpgsql as $$
#variable_conflict use_column
begin
  insert into sealed.key (participation, wrapped)
  select given.participation, given.wrapped
    from unnest(keys_of.participations, keys_of.fresh) as given (participation, wrapped)
   order by given.participation
      on conflict do nothing;

  return query
  select key.participation, key.wrapped
    from sealed.key
   where key.participation = any (keys_of.participations)
     and key.wrapped is not null
   order by key.participation
     for share;
end $$;
