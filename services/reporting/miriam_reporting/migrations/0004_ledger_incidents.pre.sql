-- Notes that numbers first..last of a source were missing; says whether it was the first to notice.
create function ledger.notice_gap(source text, first bigint, last bigint) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into ledger.gap (source, first, last)
  values (notice_gap.source, notice_gap.first, notice_gap.last)
      on conflict do nothing;
  return found;
end $$;

-- Notes which gaps of a source are closed, by the last number that the ledger holds of it.
create function ledger.close_gaps(source text) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _closed integer;
begin
  update ledger.gap
     set filled_at = now()
    from ledger.source as held
   where gap.source = close_gaps.source
     and held.source = close_gaps.source
     and gap.filled_at is null
     and gap.last <= held.last_sequence;
  get diagnostics _closed = row_count;
  return _closed;
end $$;

-- Keeps what must not happen, once; says whether it is new.
create function ledger.raise_alarm(kind text, source text, sequence bigint, body bytea, detail text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into ledger.alarm (kind, source, sequence, body, detail)
  values (raise_alarm.kind, raise_alarm.source, raise_alarm.sequence, raise_alarm.body, raise_alarm.detail)
      on conflict do nothing;
  return found;
end $$;
