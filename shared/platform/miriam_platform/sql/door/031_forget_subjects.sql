-- Empties what was refused of these subjects: it may hold the personal block of a woman whose data are destroyed.
-- The rows stay until their day, so that their number and rule are counted; answers how many were emptied.
create or replace function door.forget_subjects(subjects text[])
returns bigint
language sql as $$
  with emptied as (
    update door.refusal
       set payload = '', status = 'discarded'
     where refusal.subject = any (forget_subjects.subjects)
       and refusal.payload <> ''
    returning 1
  )
  select count(*) from emptied
$$;
