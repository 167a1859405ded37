-- Adds events of one source that follow what the ledger holds of it, and says what became of the batch:
--   added       leaves made: the longest run without a hole after the source's last number
--   duplicate   numbers that the ledger held already, with the same body
--   differing   numbers that it held with another body: alarmed, and kept in ledger.alarm
--   waiting     numbers beyond a hole: nothing was written of them
--   last        the source's last number now
--   next        the smallest number that waits; null where none does
--
-- Order within the arrays does not matter. Positions are given under the one row lock of ledger.head, taken first:
-- whoever waits for it sees what its last holder committed (needs READ COMMITTED).
create function ledger.add(source text, sequences bigint[], event_ids uuid[], types text[], bodies text[])
returns table (added integer, duplicate integer, differing integer, waiting integer, last bigint, next bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _position bigint;
  _last     bigint;
begin
  select head.position
    into strict _position
    from ledger.head
     for update;

  insert into ledger.source (source) values (add.source) on conflict do nothing;
  select held.last_sequence
    into strict _last
    from ledger.source as held
   where held.source = add.source;

  insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)
  select _position + run.place, add.source, run.sequence, run.event_id, run.type, run.body,
         sha256('\x00'::bytea || convert_to(run.body, 'UTF8')), run.body::jsonb
    from (
      select given.*, row_number() over (order by given.sequence) as place
        from (
          select distinct on (i.sequence) i.sequence, i.event_id, i.type, i.body
            from unnest(sequences, event_ids, types, bodies) with ordinality
              as i (sequence, event_id, type, body, place)
           where i.sequence > _last
           order by i.sequence, i.place
        ) as given
    ) as run
   where run.sequence = _last + run.place
   order by run.sequence;
  get diagnostics added = row_count;

  if added > 0 then
    update ledger.head set position = _position + added;
    update ledger.source as held
       set last_sequence = _last + added, moved_at = now()
     where held.source = add.source;
    perform pg_notify('ledger', (_position + added)::text);
  end if;

  last := _last + added;
  duplicate := 0;
  differing := 0;
  -- The common case, a run with nothing over, needs no second look.
  if added < cardinality(sequences) then
    insert into ledger.alarm (kind, source, sequence, body)
    select 'differs', add.source, i.sequence, convert_to(i.body, 'UTF8')
      from unnest(sequences, bodies) as i (sequence, body)
      join ledger.leaf on leaf.source = add.source and leaf.sequence = i.sequence
     where i.sequence <= add.last
       and leaf.hash <> sha256('\x00'::bytea || convert_to(i.body, 'UTF8'))
        on conflict do nothing;

    select count(*) filter (where leaf.hash <> sha256('\x00'::bytea || convert_to(i.body, 'UTF8'))),
           count(*) filter (where leaf.position is null),
           min(i.sequence) filter (where leaf.position is null)
      into differing, waiting, next
      from unnest(sequences, bodies) as i (sequence, body)
      left join ledger.leaf on leaf.source = add.source and leaf.sequence = i.sequence;
    duplicate := cardinality(sequences) - added - differing - waiting;
  else
    waiting := 0;
  end if;
  return next;
end $$;
