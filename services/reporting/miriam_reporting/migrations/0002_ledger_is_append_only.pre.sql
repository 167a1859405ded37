-- Law 1: leaves are added and read, nothing else, not even by the owner of the table.
create function ledger.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% of leaves is refused: the ledger is only ever added to', lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

create trigger leaf_is_immutable
  before update or delete on ledger.leaf
  for each row execute function ledger.refuse_change();

create trigger leaf_is_not_truncated
  before truncate on ledger.leaf
  for each statement execute function ledger.refuse_change();

create trigger alarm_is_immutable
  before update or delete on ledger.alarm
  for each row execute function ledger.refuse_change();

create trigger alarm_is_not_truncated
  before truncate on ledger.alarm
  for each statement execute function ledger.refuse_change();
