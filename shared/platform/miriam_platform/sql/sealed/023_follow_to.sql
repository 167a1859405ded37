-- Notes that intake's events up to this number were carried out here.
create or replace function sealed.follow_to(sequence bigint)
returns void
language sql as $$
  update sealed.followed
     set sequence = follow_to.sequence, moved_at = now()
   where followed.sequence < follow_to.sequence
$$;
