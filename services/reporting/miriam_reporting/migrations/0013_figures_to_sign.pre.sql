-- The figures that a CPAS is asked to sign, as canonical JSON under their salted digest: so it can read them without the
-- whole report being computed again. A draft in which they are unchanged adds nothing. Added and read, nothing else.
create table report.own (
  edition text not null,
  cpas    text not null,
  digest  text not null check (digest ~ '^[0-9a-f]{64}$'),
  figures text not null,
  primary key (edition, cpas, digest)
);

create trigger own_is_immutable
  before update or delete on report.own for each row execute function report.refuse_change();
create trigger own_is_not_truncated
  before truncate on report.own for each statement execute function report.refuse_change();

-- Keeps the figures of each CPAS; answers how many are new.
create function report.keep_own(edition text, cpas text[], digests text[], figures text[]) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _new integer;
begin
  insert into report.own (edition, cpas, digest, figures)
  select keep_own.edition, given.cpas, given.digest, given.figures
    from unnest(keep_own.cpas, digests, keep_own.figures) as given (cpas, digest, figures)
   order by given.cpas
      on conflict do nothing;
  get diagnostics _new = row_count;
  return _new;
end $$;

revoke all on function report.keep_own(text, text[], text[], text[]) from public;
grant select on report.own to {app};
revoke insert, update, delete, truncate on report.own from {app};
grant execute on function report.keep_own(text, text[], text[], text[]) to {app};
