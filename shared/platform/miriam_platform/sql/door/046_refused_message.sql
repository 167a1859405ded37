-- The sealed message of an emitter's newest refusal under this id; nothing where it was emptied, or its 90 days are over.
create or replace function door.refused_message(emitter text, emitted_id text)
returns bytea
language sql stable as $$
  select refusal.payload
    from door.refusal
   where refusal.emitter = refused_message.emitter
     and refusal.emitted_id = refused_message.emitted_id
     and refusal.payload <> ''
     and refusal.expires_at > now()
   order by refusal.number desc
   limit 1
$$;
