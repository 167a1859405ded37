-- A token by its id: whose it is, what it may do, and what is known of its holder. `kind` is null where the holder is no
-- emitter; `failing` says whether one of its events failed by our own fault and may have to be forgotten.
create or replace function door.find_token(id text)
returns table (holder text, hash bytea, scopes text[], expired boolean, revoked boolean, kind text, failing boolean)
language sql stable as $$
  select token.holder, token.hash, token.scopes, token.expires_at <= now(), token.revoked_at is not null, emitter.kind,
         exists (select from door.attempt where attempt.emitter = token.holder)
    from door.token
    left join door.emitter on emitter.id = token.holder
   where token.id = find_token.id
$$;
