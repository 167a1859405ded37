-- Signed heads of the ledger's tree: the root over its first `size` leaves, as a signed note. Each is larger than the
-- one before; added and read, nothing else.
create table ledger.checkpoint (
  size      bigint      primary key check (size > 0),
  root      bytea       not null check (octet_length(root) = 32),
  note      text        not null,
  signed_at timestamptz not null default clock_timestamp()
);
create index checkpoint_signed_at on ledger.checkpoint (signed_at);

-- What witnesses signed of them: one line each, as it stands in the note.
create table ledger.cosignature (
  size    bigint      not null references ledger.checkpoint,
  name    text        not null,
  line    text        not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (size, name)
);

create trigger checkpoint_is_immutable
  before update or delete on ledger.checkpoint
  for each row execute function ledger.refuse_change();
create trigger checkpoint_is_not_truncated
  before truncate on ledger.checkpoint
  for each statement execute function ledger.refuse_change();
create trigger cosignature_is_immutable
  before update or delete on ledger.cosignature
  for each row execute function ledger.refuse_change();
create trigger cosignature_is_not_truncated
  before truncate on ledger.cosignature
  for each statement execute function ledger.refuse_change();

-- Adds a signed head. Refuses (restrict_violation) one that is not larger than the last, or beyond the ledger.
create function ledger.add_checkpoint(size bigint, root bytea, note text) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _signed_at timestamptz;
begin
  if add_checkpoint.size <= (select coalesce(max(checkpoint.size), 0) from ledger.checkpoint)
     or add_checkpoint.size > (select head.position from ledger.head) then
    raise exception 'a checkpoint of % leaves does not follow', add_checkpoint.size
      using errcode = 'restrict_violation';
  end if;
  insert into ledger.checkpoint (size, root, note)
  values (add_checkpoint.size, add_checkpoint.root, add_checkpoint.note)
  returning checkpoint.signed_at into _signed_at;
  perform pg_notify('checkpoint', add_checkpoint.size::text);
  return _signed_at;
end $$;

-- Keeps a witness's line upon a head; says whether it is the first of that witness.
create function ledger.add_cosignature(size bigint, name text, line text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into ledger.cosignature (size, name, line)
  values (add_cosignature.size, add_cosignature.name, add_cosignature.line)
      on conflict do nothing;
  return found;
end $$;

grant select on ledger.checkpoint, ledger.cosignature to {app};
revoke all on function
  ledger.add_checkpoint(bigint, bytea, text),
  ledger.add_cosignature(bigint, text, text)
  from public;
grant execute on function
  ledger.add_checkpoint(bigint, bytea, text),
  ledger.add_cosignature(bigint, text, text)
  to {app};
