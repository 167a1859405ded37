-- Bearer tokens of the HTTP door, `mrm_<id>_<secret>`. `hash` is SHA-256 over the secret's ASCII bytes: the secret itself
-- has 256 random bits, so nothing slower is needed against guessing. `holder` is an emitter's id, or an auditor's name.
create table if not exists door.token (
  id         text        primary key check (id ~ '^[a-z0-9]{12}$'),
  holder     text        not null check (holder ~ '^[a-z][a-z0-9-]{1,39}$'),
  hash       bytea       not null check (octet_length(hash) = 32),
  scopes     text[]      not null check (scopes <@ array['emit', 'receipts', 'events'] and cardinality(scopes) > 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
