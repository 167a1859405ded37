-- Who is signed in at the pages. Links and sessions are known by their hash alone: who reads this table is nobody by it.
create schema pages;

-- How somebody is known here; `cpas` is of the role cpas alone.
create table pages.link (
  hash       bytea       primary key check (length(hash) = 32),
  role       text        not null check (role in ('cpas', 'authority', 'auditor', 'dpo', 'operator')),
  name       text        not null check (name ~ '^[A-Za-z0-9_@-]{1,20}$'),
  cpas       text        check (cpas ~ '^[a-z][a-z0-9-]{1,39}$'),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at    timestamptz,
  check ((role = 'cpas') = (cpas is not null))
);

create table pages.session (
  hash       bytea       primary key check (length(hash) = 32),
  role       text        not null check (role in ('cpas', 'authority', 'auditor', 'dpo', 'operator')),
  name       text        not null check (name ~ '^[A-Za-z0-9_@-]{1,20}$'),
  cpas       text        check (cpas ~ '^[a-z][a-z0-9-]{1,39}$'),
  way        text        not null check (way in ('link', 'oidc')),
  created_at timestamptz not null default clock_timestamp(),
  seen_at    timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  -- Why its holder looks at data of single women, and until when that is believed.
  purpose       text,
  purpose_until timestamptz,
  check ((role = 'cpas') = (cpas is not null))
);
create index session_expires_at on pages.session (expires_at);

-- Turns a link into a session, once; no row where the link is unknown, used or over. Sessions that are over go.
create function pages.use_link(link bytea, session bytea, lasting interval)
returns setof pages.session
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _link pages.link;
begin
  delete from pages.session where expires_at < clock_timestamp();
  update pages.link set used_at = clock_timestamp()
   where hash = use_link.link and used_at is null and expires_at > clock_timestamp()
  returning * into _link;
  if found then
    return query
      insert into pages.session (hash, role, name, cpas, way, expires_at)
      values (use_link.session, _link.role, _link.name, _link.cpas, 'link', clock_timestamp() + use_link.lasting)
      returning *;
  end if;
end $$;

-- A session of somebody whom an OpenID provider named.
create function pages.open_session(session bytea, role text, name text, cpas text, lasting interval)
returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from pages.session where expires_at < clock_timestamp();
  insert into pages.session (hash, role, name, cpas, way, expires_at)
  values (open_session.session, open_session.role, open_session.name, open_session.cpas, 'oidc',
          clock_timestamp() + open_session.lasting)
$$;

-- The session that is open under this hash, noted as seen; no row where it is over or was idle for too long.
create function pages.seen(session bytea, idle interval)
returns setof pages.session
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update pages.session set seen_at = clock_timestamp()
   where hash = seen.session and expires_at > clock_timestamp() and seen_at > clock_timestamp() - seen.idle
  returning *
$$;

create function pages.end_session(session bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from pages.session where hash = end_session.session
$$;

create function pages.set_purpose(session bytea, purpose text, lasting interval) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update pages.session
     set purpose = set_purpose.purpose, purpose_until = clock_timestamp() + set_purpose.lasting
   where hash = set_purpose.session
$$;

revoke all on all functions in schema pages from public;
grant usage on schema pages to {app};
grant execute on all functions in schema pages to {app};
