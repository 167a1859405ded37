-- Law 1: facts are never changed, not even by the owner of the table.
create or replace function event_store.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% of recorded events is refused: facts are never changed', lower(tg_op)
    using errcode = 'restrict_violation',
          hint = 'A mistake is answered by a corrected or retracted event.';
end $$;
