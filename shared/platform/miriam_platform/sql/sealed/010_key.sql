-- One random key a participation, wrapped by the service's master key. Without it the blocks are noise.
-- After its destruction the row stays, without the key: what still comes for her is then not kept.
create table if not exists sealed.key (
  participation text        primary key,
  wrapped       bytea,
  made_at       timestamptz not null default now(),
  destroyed_at  timestamptz,
  check ((wrapped is null) = (destroyed_at is not null))
);
