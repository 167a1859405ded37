-- A look also tells its kind and, where that is known when it is noted, what is shown: the view, how many rows, and the
-- position that they are as of. Never what stands in them.
alter table access.look
  add column kind  text not null default 'look' check (kind in ('look', 'export', 'break_the_glass')),
  add column view  text check (view ~ '^[a-z][a-z0-9._-]{0,63}$'),
  add column rows  bigint check (rows >= 0),
  add column as_of bigint check (as_of >= 0),
  add column hash  bytea check (octet_length(hash) = 32);
create index look_actor on access.look (actor, id);

-- The hash of the last look. Whoever notes one takes this row first, so that looks come in the order of their numbers.
create table access.head (
  singleton boolean primary key default true check (singleton),
  look      bigint  not null,
  hash      bytea   not null check (octet_length(hash) = 32)
);

-- What a look's hash is made of, beside the hash before it: its columns as a JSON array, the time in microseconds (UTC).
create function access.content(look access.look) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select json_build_array(
           (content.look).id,
           to_char((content.look).at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           (content.look).actor, (content.look).purpose, (content.look).kind, (content.look).what::text,
           (content.look).position, (content.look).view, (content.look).rows, (content.look).as_of)::text
$$;

-- The hash of a look: SHA-256 over the hash of the look before it (32 zero bytes before the first), then its content.
create function access.chained(before bytea, look access.look) returns bytea
language sql stable set search_path = pg_catalog, access, pg_temp as $$
  select sha256(chained.before || convert_to(access.content(chained.look), 'UTF8'))
$$;

-- The looks that are there get their hashes too: the one change of them that ever was, in the transaction of this script.
alter table access.look disable trigger look_is_immutable;
do $$
declare
  _look access.look;
  _hash bytea := decode(repeat('00', 32), 'hex');
  _last bigint := 0;
begin
  for _look in select * from access.look order by id loop
    _hash := access.chained(_hash, _look);
    _last := _look.id;
    update access.look set hash = _hash where look.id = _last;
  end loop;
  insert into access.head (look, hash) values (_last, _hash);
end $$;
alter table access.look enable trigger look_is_immutable;
alter table access.look alter column hash set not null;

-- Notes a look; its number. The time and the position are the database's own, whatever the caller would like.
drop function access.look(text, text, jsonb);
create function access.look(
  actor text, purpose text, what jsonb,
  kind text default 'look', view text default null, rows bigint default null, as_of bigint default null
) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _look access.look;
  _hash bytea;
begin
  select head.hash into strict _hash from access.head for update;
  _look.id       := nextval(pg_get_serial_sequence('access.look', 'id'));
  _look.at       := clock_timestamp();
  _look.actor    := look.actor;
  _look.purpose  := look.purpose;
  _look.what     := look.what;
  _look.kind     := look.kind;
  _look.view     := look.view;
  _look.rows     := look.rows;
  _look.as_of    := look.as_of;
  select head.position into strict _look.position from ledger.head;
  _look.hash     := access.chained(_hash, _look);

  insert into access.look overriding system value select _look.*;
  update access.head set look = _look.id, hash = _look.hash;
  return _look.id;
end $$;

revoke all on function
  access.content(access.look), access.chained(bytea, access.look),
  access.look(text, text, jsonb, text, text, bigint, bigint)
  from public;
revoke insert, update, delete, truncate on access.head from {app};
grant select on access.head to {app};
grant execute on function access.look(text, text, jsonb, text, text, bigint, bigint) to {app};
