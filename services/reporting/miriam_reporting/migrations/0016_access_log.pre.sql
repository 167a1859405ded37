-- Who looked at what: a log of its own beside the ledger, for it is about readers, and has a retention of its own.
create schema access;

-- `what` tells the question, as the command or address was asked: never an answer, and nothing that names a person.
-- `position` is the ledger's head then: no reader saw anything later.
create table access.look (
  id       bigint      generated always as identity primary key,
  at       timestamptz not null default clock_timestamp(),
  actor    text        not null check (actor ~ '^[a-z]+\.[A-Za-z0-9._@-]{1,64}$'),
  purpose  text        not null check (length(purpose) <= 500 and purpose ~ '\S'),
  what     jsonb       not null check (jsonb_typeof(what) = 'object' and length(what::text) <= 4000),
  position bigint      not null
);
create index look_at on access.look (at);

create function access.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% of the access log is refused: looks are only ever added', lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

create trigger look_is_immutable
  before update or delete on access.look
  for each row execute function access.refuse_change();

create trigger look_is_not_truncated
  before truncate on access.look
  for each statement execute function access.refuse_change();

-- Notes a look; its number. The time and the position are the database's own, whatever the caller would like.
create function access.look(actor text, purpose text, what jsonb) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into access.look (actor, purpose, what, position)
  select look.actor, look.purpose, look.what, head.position
    from ledger.head
  returning id
$$;

revoke all on function access.refuse_change(), access.look(text, text, jsonb) from public;
grant usage on schema access to {app};
grant select on access.look to {app};
revoke insert, update, delete, truncate on access.look from {app};
grant execute on function access.look(text, text, jsonb) to {app};
