-- A test CPAS can be wiped: its service empties the events that it sent, says in the ledger which numbers they were
-- (`door.wiped`), and the same leaves are emptied here. Position, number, id, type and hash stay: every proof is what it was.

-- Each statement that was carried out, and the leaves that it emptied. Added and read alone.
create table ledger.wipe (
  because_of  bigint         primary key check (because_of > 0),
  emitter     text           not null check (emitter like 'test-%'),
  positions   int8multirange not null,
  transaction xid8           not null default pg_current_xact_id(),
  wiped_at    timestamptz    not null default clock_timestamp()
);
create index wipe_transaction on ledger.wipe (transaction);

create trigger wipe_is_immutable
  before update or delete on ledger.wipe
  for each row execute function ledger.refuse_change();
create trigger wipe_is_not_truncated
  before truncate on ledger.wipe
  for each statement execute function ledger.refuse_change();

-- Leaves are never changed, but for this: one that a retirement names, or a leaf of a test CPAS that a wipe of it names, is
-- emptied, whole, in the transaction that notes that.
create or replace function ledger.refuse_all_but_retirement() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.body is null and new.data is null
     and (new.position, new.source, new.sequence, new.event_id, new.type, new.hash, new.received_at)
         is not distinct from
         (old.position, old.source, old.sequence, old.event_id, old.type, old.hash, old.received_at)
     and (exists (
            select
              from ledger.retirement
             where retirement.transaction = pg_current_xact_id() and retirement.positions @> old.position)
          or exists (
            select
              from ledger.wipe
             where wipe.transaction = pg_current_xact_id() and wipe.positions @> old.position
               and old.data ->> 'origin' = '/cpas/' || wipe.emitter)) then
    return new;
  end if;
  raise exception '% of leaves is refused: the ledger is only ever added to', lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

-- Whether a statement in the ledger names this number of a source as one of a test CPAS that was wiped.
create function ledger.said_to_be_wiped(source text, sequence bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
           select
             from ledger.leaf
            cross join lateral jsonb_array_elements(leaf.data -> 'data' -> 'numbers') as runs (run)
            where leaf.type = 'miriam.door.wiped.v1'
              and leaf.source = said_to_be_wiped.source
              and leaf.data -> 'data' ->> 'emitter' like 'test-%'
              and said_to_be_wiped.sequence between (run ->> 'first')::bigint and (run ->> 'last')::bigint)
$$;

-- Carries out the statement at a position: empties the leaves of its source that it names; answers how many. Done again it
-- does nothing. It refuses (restrict_violation), and changes nothing, where there is no such statement, where it names no
-- test CPAS, or where it names a leaf that is another's: nothing but what a test CPAS sent can be emptied so.
create function ledger.carry_out_wipe(because_of bigint) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _emitter   text;
  _source    text;
  _numbers   int8multirange;
  _positions bigint[];
begin
  if exists (select from ledger.wipe where wipe.because_of = carry_out_wipe.because_of) then
    return 0;
  end if;

  select leaf.data -> 'data' ->> 'emitter', leaf.source,
         (select range_agg(int8range((run ->> 'first')::bigint, (run ->> 'last')::bigint, '[]'))
            from jsonb_array_elements(leaf.data -> 'data' -> 'numbers') as runs (run))
    into _emitter, _source, _numbers
    from ledger.leaf
   where leaf.position = carry_out_wipe.because_of and leaf.type = 'miriam.door.wiped.v1';
  if _emitter is null or _emitter not like 'test-%' or _numbers is null then
    raise exception 'position % tells of no wipe of a test CPAS', carry_out_wipe.because_of
      using errcode = 'restrict_violation';
  end if;
  if exists (
       select
         from unnest(_numbers) as run
         join ledger.leaf on leaf.source = _source and leaf.sequence >= lower(run) and leaf.sequence < upper(run)
        where leaf.position >= carry_out_wipe.because_of
           or leaf.data ->> 'origin' <> '/cpas/' || _emitter) then
    raise exception 'position % names a leaf that % did not send', carry_out_wipe.because_of, _emitter
      using errcode = 'restrict_violation';
  end if;

  _positions := array(
    select leaf.position
      from unnest(_numbers) as run
      join ledger.leaf on leaf.source = _source and leaf.sequence >= lower(run) and leaf.sequence < upper(run)
     where leaf.body is not null);
  insert into ledger.wipe (because_of, emitter, positions)
  select carry_out_wipe.because_of, _emitter,
         coalesce(range_agg(int8range(given.position, given.position, '[]')), '{}')
    from unnest(_positions) as given (position);
  update ledger.leaf set body = null, data = null where leaf.position = any (_positions);
  perform ledger.retire_alarms();
  return cardinality(_positions);
end $$;

-- Statements up to a position that were not carried out yet.
create function ledger.wipes_due(upto bigint) returns setof bigint
language sql stable as $$
  select leaf.position
    from ledger.leaf
   where leaf.type = 'miriam.door.wiped.v1'
     and leaf.position <= wipes_due.upto
     and not exists (select from ledger.wipe where wipe.because_of = leaf.position)
   order by leaf.position
$$;

-- How many of the leaves 1..n are of test CPAS, those that were wiped among them.
create function ledger.leaves_of_tests(n bigint) returns bigint
language sql stable as $$
  select (select count(*)
            from ledger.leaf
           where leaf.position <= leaves_of_tests.n and leaf.data ->> 'origin' like '/cpas/test-%')
       + (select coalesce(sum(upper(run) - lower(run)), 0)
            from ledger.wipe
           cross join lateral unnest(wipe.positions * int8range(0, leaves_of_tests.n, '[]')::int8multirange) as run)::bigint
$$;

-- Whether a leaf that has no body any more was wiped: all others are of a retired edition.
create function ledger.was_wiped("position" bigint) returns boolean
language sql stable as $$
  select exists (select from ledger.wipe where wipe.positions @> was_wiped.position)
$$;

revoke all on function
  ledger.said_to_be_wiped(text, bigint), ledger.carry_out_wipe(bigint), ledger.wipes_due(bigint),
  ledger.leaves_of_tests(bigint), ledger.was_wiped(bigint)
  from public;
revoke insert, update, delete, truncate on ledger.wipe from {app};
grant select on ledger.wipe to {app};
grant execute on function
  ledger.said_to_be_wiped(text, bigint), ledger.carry_out_wipe(bigint), ledger.wipes_due(bigint),
  ledger.leaves_of_tests(bigint), ledger.was_wiped(bigint)
  to {app};
