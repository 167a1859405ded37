-- The application reads, and adds through the functions alone.
grant usage on schema ledger to {app};
grant select on all tables in schema ledger to {app};
revoke insert, update, delete, truncate on all tables in schema ledger from {app};
revoke all on all functions in schema ledger from public;
grant execute on function
  ledger.add(text, bigint[], uuid[], text[], text[]),
  ledger.notice_gap(text, bigint, bigint),
  ledger.close_gaps(text),
  ledger.raise_alarm(text, text, bigint, bytea, text)
  to {app};
