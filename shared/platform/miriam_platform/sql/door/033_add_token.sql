-- Lets a token in. The same once more changes nothing; an id that stands for another token is an error.
create or replace function door.add_token(id text, holder text, hash bytea, scopes text[], expires_at timestamptz)
returns void
language plpgsql as $$
begin
  insert into door.token (id, holder, hash, scopes, expires_at)
  values (add_token.id, add_token.holder, add_token.hash, add_token.scopes, add_token.expires_at)
      on conflict on constraint token_pkey do nothing;

  perform from door.token
    where token.id = add_token.id
      and token.holder = add_token.holder
      and token.hash = add_token.hash
      and token.scopes = add_token.scopes
      and token.expires_at = add_token.expires_at;
  if not found then
    raise exception 'token % is another one', add_token.id;
  end if;
end $$;
