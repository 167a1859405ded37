-- A leaf is emptied in the transaction that records its retirement, or not at all: what was recorded earlier opens no
-- door, and only one retirement need be looked at for each leaf.
alter table ledger.retirement add column transaction xid8 not null default pg_current_xact_id();
create index retirement_transaction on ledger.retirement (transaction);

create or replace function ledger.refuse_all_but_retirement() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.body is null and new.data is null
     and (new.position, new.source, new.sequence, new.event_id, new.type, new.hash, new.received_at)
         is not distinct from
         (old.position, old.source, old.sequence, old.event_id, old.type, old.hash, old.received_at)
     and exists (
           select
             from ledger.retirement
            where retirement.transaction = pg_current_xact_id() and retirement.positions @> old.position
         ) then
    return new;
  end if;
  raise exception '% of leaves is refused: the ledger is only ever added to', lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

-- As before; and a retraction or correction whose fact was emptied already may go too: it names a participation, and came
-- late. Its own leaf must follow the retirement.
create or replace function ledger.retire(edition text, positions bigint[]) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _because_of bigint;
  _emptied    bigint[];
begin
  select min(leaf.position)
    into _because_of
    from ledger.leaf
   where leaf.type = 'miriam.edition.retired.v1' and leaf.data->'data'->>'edition' = retire.edition;
  if _because_of is null then
    raise exception 'edition % is not retired', retire.edition using errcode = 'restrict_violation';
  end if;

  select array_agg(leaf.position)
    into _emptied
    from ledger.leaf
   where leaf.position = any (retire.positions) and leaf.body is not null;
  if _emptied is null then
    return 0;
  end if;

  if exists (
       select
         from ledger.leaf
         left join ledger.leaf as first
           on first.event_id = coalesce(leaf.data->'data'->>'corrects', leaf.data->'data'->>'retracts')::uuid
        where leaf.position = any (_emptied)
          and split_part(leaf.type, '.', 2) <> 'person'
          and (split_part(leaf.type, '.', 2) not in ('participation', 'session', 'goal', 'assessment', 'referral', 'group',
                                                     'groupsession')
               or coalesce(leaf.data->'data'->>'project', leaf.data->'data'->'replacement'->>'project',
                           first.data->'data'->>'project', '')
                  not in (select retired_projects.project from ledger.retired_projects())
                  and not (first.position is not null and first.body is null))
     ) or exists (
       select from ledger.leaf where leaf.position = any (_emptied) and leaf.type = 'miriam.person.erased.v1'
     ) then
    raise exception 'a leaf is of no retired edition' using errcode = 'restrict_violation';
  end if;

  insert into ledger.retirement (edition, because_of, positions, leaves)
  select retire.edition, _because_of, range_agg(int8range(emptied.position, emptied.position, '[]')),
         cardinality(_emptied)
    from unnest(_emptied) as emptied (position);
  update ledger.leaf set body = null, data = null where leaf.position = any (_emptied);
  return cardinality(_emptied);
end $$;
