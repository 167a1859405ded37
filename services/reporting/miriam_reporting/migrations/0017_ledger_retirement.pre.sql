-- At the end of an edition's retention the bodies of its events are emptied: body and data become null, and nothing else.
-- Position, number, id, type and hash stay, so every proof still verifies, and the tree is what it was.
alter table ledger.leaf
  alter column body drop not null,
  alter column data drop not null,
  add constraint leaf_is_whole_or_emptied check ((body is null) = (data is null)) not valid;

-- Each time that leaves were emptied: because of which `edition.retired` leaf, and which leaves. Added and read alone.
create table ledger.retirement (
  id          bigint         generated always as identity primary key,
  edition     text           not null,
  because_of  bigint         not null check (because_of > 0),
  positions   int8multirange not null check (not isempty(positions)),
  leaves      integer        not null check (leaves > 0),
  transaction xid8           not null default pg_current_xact_id(),
  retired_at  timestamptz    not null default clock_timestamp()
);
-- A leaf is emptied in the transaction that records its retirement, or not at all: what was recorded earlier opens no
-- door, and only one retirement need be looked at for each leaf.
create index retirement_transaction on ledger.retirement (transaction);
create index retirement_positions on ledger.retirement using gist (range_merge(positions));

create trigger retirement_is_immutable
  before update or delete on ledger.retirement
  for each row execute function ledger.refuse_change();
create trigger retirement_is_not_truncated
  before truncate on ledger.retirement
  for each statement execute function ledger.refuse_change();

-- Leaves are never changed, but for this: one that a retirement names is emptied, whole.
create function ledger.refuse_all_but_retirement() returns trigger
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

drop trigger leaf_is_immutable on ledger.leaf;
create trigger leaf_is_immutable
  before update or delete on ledger.leaf
  for each row execute function ledger.refuse_all_but_retirement();

-- The projects of editions whose retirement is recorded: those that the retirement names, and those that were approved
-- for the edition; but no project that an approval, in whatever version, gave to an edition that is not retired.
create function ledger.retired_projects()
returns table (project text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with retired as (
    select leaf.data->'data'->>'edition' as edition, leaf.data->'data'->'projects' as projects
      from ledger.leaf
     where leaf.type = 'miriam.edition.retired.v1'
  ), approved as (
    select leaf.data->'data'->>'project' as project, leaf.data->'data'->>'edition' as edition
      from ledger.leaf
     where leaf.type = 'miriam.project.approved.v1'
     union all
    select leaf.data->'data'->'replacement'->>'project', leaf.data->'data'->'replacement'->>'edition'
      from ledger.leaf
     where leaf.type = 'miriam.project.corrected.v1' and leaf.data->'data'->>'fact' = 'approved'
  )
  select named.project
    from (
      select jsonb_array_elements_text(retired.projects) as project
        from retired
       where jsonb_typeof(retired.projects) = 'array'
       union
      select approved.project from approved join retired using (edition)
    ) as named
   where not exists (
           select
             from approved
            where approved.project = named.project
              and approved.edition not in (select retired.edition from retired)
         )
$$;

-- Empties leaves of an edition whose retirement is recorded; answers how many. Leaves that are empty stay so.
-- Refuses (restrict_violation), and changes nothing, where no `edition.retired` of that name is in the ledger, or where
-- one of the leaves is neither a fact of a retired edition's project, nor a change of such a fact, nor a link of persons.
-- A retraction or correction whose fact was emptied already may go too: it names a participation, and came late.
create function ledger.retire(edition text, positions bigint[]) returns integer
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

revoke all on function ledger.refuse_all_but_retirement(), ledger.retired_projects(), ledger.retire(text, bigint[])
  from public;
revoke insert, update, delete, truncate on ledger.retirement from {app};
grant select on ledger.retirement to {app};
grant execute on function ledger.retired_projects(), ledger.retire(text, bigint[]) to {app};
