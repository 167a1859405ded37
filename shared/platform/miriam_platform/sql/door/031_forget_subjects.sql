-- Empties what was refused of these subjects: it may hold the personal block of a woman whose data are destroyed.
-- The rows stay until their day, so that their number and rule are counted; answers how many were emptied.
-- The mark by which a message is known again goes too, here, of what is or was parked, and of what failed: it is a keyed
-- hash over the message, in which a block may have stood open, and numbers of persons are few enough to be tried.
create or replace function door.forget_subjects(subjects text[])
returns bigint
language sql as $$
  update door.parked
     set fingerprint = uuid_send(gen_random_uuid())
   where parked.subject = any (forget_subjects.subjects);

  -- Whose events these are they do not say. What fails again is counted from one again.
  delete from door.attempt;

  with emptied as (
    update door.refusal
       set payload = '', fingerprint = uuid_send(gen_random_uuid()), status = 'discarded'
     where refusal.subject = any (forget_subjects.subjects)
    returning 1
  )
  select count(*) from emptied
$$;
