-- Moves the checkpoint from `seen` to `reached`: 'stored', 'already' where it stands there,
-- 'mismatch' where somebody else moved it (then two relays are at work: the caller must stop leading).
create or replace function relay.advance(seen bigint, reached bigint)
returns text
language plpgsql as $$
declare
  _standing bigint;
begin
  if reached < seen then
    raise exception 'the checkpoint cannot go back from % to %', seen, reached;
  end if;

  select checkpoint.sequence into strict _standing from relay.checkpoint for update;

  if _standing = reached then
    return 'already';
  elsif _standing <> seen then
    return 'mismatch';
  end if;

  update relay.checkpoint set sequence = reached, moved_at = now();
  return 'stored';
end $$;
