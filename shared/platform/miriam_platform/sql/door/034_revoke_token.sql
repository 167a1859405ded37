-- Lets a token in no more, from the next request on; answers whether it was there and stood.
create or replace function door.revoke_token(id text)
returns boolean
language sql as $$
  with revoked as (
    update door.token
       set revoked_at = now()
     where token.id = revoke_token.id
       and token.revoked_at is null
    returning 1
  )
  select exists (select from revoked)
$$;
