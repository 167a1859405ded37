-- What the life of reports needs beside its events: texts of definitions, salts, and the full figures of publications.
-- Added and read, nothing else.
create schema report;

-- Every text that a figure of a report was computed by, under its SHA-256 (hexadecimal): so a published report can be
-- computed again, whatever the code has become. `name` only tells a reader what it is.
create table report.definition (
  digest  text        primary key check (digest ~ '^[0-9a-f]{64}$'),
  name    text        not null,
  text    text        not null,
  kept_at timestamptz not null default clock_timestamp()
);

-- The salts of digests: of an edition's reports (cpas ''), and of the figures of each CPAS in it. Without its salt, a
-- digest in the ledger tells nothing of figures that have few possible values.
create table report.salt (
  edition text  not null,
  cpas    text  not null,
  salt    bytea not null check (octet_length(salt) = 32),
  primary key (edition, cpas)
);

-- The full figures of each publication, as canonical JSON: what the digest in its event was made of.
create table report.publication (
  event_id uuid   primary key,
  report   text   not null,
  edition  text   not null,
  position bigint not null check (position >= 0),
  figures  text   not null
);
create index publication_edition on report.publication (edition);

create function report.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% of %.% is refused: what was published stays', lower(tg_op), tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end $$;

create trigger definition_is_immutable
  before update or delete on report.definition for each row execute function report.refuse_change();
create trigger definition_is_not_truncated
  before truncate on report.definition for each statement execute function report.refuse_change();
create trigger salt_is_immutable
  before update or delete on report.salt for each row execute function report.refuse_change();
create trigger salt_is_not_truncated
  before truncate on report.salt for each statement execute function report.refuse_change();
create trigger publication_is_immutable
  before update or delete on report.publication for each row execute function report.refuse_change();
create trigger publication_is_not_truncated
  before truncate on report.publication for each statement execute function report.refuse_change();

-- Keeps texts under their digests; answers how many are new. Refuses (check_violation) one under another's digest.
create function report.keep_definitions(digests text[], names text[], texts text[]) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _new integer;
begin
  if exists (
       select
         from unnest(digests, texts) as given (digest, text)
        where given.digest is distinct from encode(sha256(convert_to(given.text, 'UTF8')), 'hex')
     ) then
    raise exception 'a text is not what its digest says' using errcode = 'check_violation';
  end if;
  insert into report.definition (digest, name, text)
  select given.digest, given.name, given.text
    from unnest(digests, names, texts) as given (digest, name, text)
      on conflict do nothing;
  get diagnostics _new = row_count;
  return _new;
end $$;

-- Keeps salts for those that have none yet, and gives the salt of each. Two who ask at once get the same: the second
-- waits for the first (needs READ COMMITTED, so that it then sees the first one's).
create function report.salts(edition text, cpas text[], fresh bytea[])
returns table (of_cpas text, salt bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into report.salt (edition, cpas, salt)
  select salts.edition, given.cpas, given.salt
    from unnest(salts.cpas, fresh) as given (cpas, salt)
   order by given.cpas
      on conflict do nothing;
  return query
  select kept.cpas, kept.salt
    from report.salt as kept
   where kept.edition = salts.edition and kept.cpas = any (salts.cpas);
end $$;

-- Keeps the full figures of a publication.
create function report.keep_publication(event_id uuid, report text, edition text, "position" bigint, figures text)
returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into report.publication (event_id, report, edition, position, figures)
  values (keep_publication.event_id, keep_publication.report, keep_publication.edition,
          keep_publication.position, keep_publication.figures)
$$;

revoke all on all functions in schema report from public;
grant usage on schema report to {app};
grant select on all tables in schema report to {app};
revoke insert, update, delete, truncate on all tables in schema report from {app};
grant execute on function
  report.keep_definitions(text[], text[], text[]),
  report.salts(text, text[], bytea[]),
  report.keep_publication(uuid, text, text, bigint, text)
  to {app};
