-- One more thing that must not happen:
--   history      the ledger is not the one that was signed: it shrank, or what was signed of it reads otherwise now
-- (`source` is then `reporting`, `sequence` the size, `body` the checkpoint that was signed.)
alter table ledger.alarm drop constraint alarm_kind_check;
alter table ledger.alarm add constraint alarm_kind_check
  check (kind in ('differs', 'unreadable', 'sender', 'rejected', 'history'));
