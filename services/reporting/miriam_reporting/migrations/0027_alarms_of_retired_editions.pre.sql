-- An alarm keeps the body that raised it, which may be an event of an edition: at the end of its retention that body gives
-- way to its SHA-256, as the leaves do. What was raised, when, of which number and why stays.

-- Whether a body is of a retired edition: it names a project of one, or came under the number of a leaf that was emptied.
create function ledger.is_of_a_retired_edition(source text, sequence bigint, body bytea) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
           select
             from ledger.retired_projects() as retired
            where position(convert_to('"' || retired.project || '"', 'UTF8') in is_of_a_retired_edition.body) > 0
         )
      or exists (
           select
             from ledger.leaf
            where leaf.source = is_of_a_retired_edition.source
              and leaf.sequence = is_of_a_retired_edition.sequence
              and leaf.body is null
         )
$$;

create function ledger.refuse_all_but_an_alarms_retirement() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.body = sha256(old.body)
     and (new.id, new.kind, new.source, new.sequence, new.detail, new.raised_at)
         is not distinct from (old.id, old.kind, old.source, old.sequence, old.detail, old.raised_at)
     and ledger.is_of_a_retired_edition(old.source, old.sequence, old.body) then
    return new;
  end if;
  raise exception '% of alarms is refused: the ledger is only ever added to', lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

drop trigger alarm_is_immutable on ledger.alarm;
create trigger alarm_is_immutable
  before update or delete on ledger.alarm
  for each row execute function ledger.refuse_all_but_an_alarms_retirement();

-- Lets the bodies of alarms of retired editions give way to their hashes; answers how many did now.
create function ledger.retire_alarms() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _emptied integer;
begin
  update ledger.alarm
     set body = sha256(alarm.body)
   where octet_length(alarm.body) <> 32
     and ledger.is_of_a_retired_edition(alarm.source, alarm.sequence, alarm.body);
  get diagnostics _emptied = row_count;
  return _emptied;
end $$;

revoke all on function
  ledger.is_of_a_retired_edition(text, bigint, bytea),
  ledger.refuse_all_but_an_alarms_retirement(),
  ledger.retire_alarms()
  from public;
grant execute on function ledger.retire_alarms() to {app};
