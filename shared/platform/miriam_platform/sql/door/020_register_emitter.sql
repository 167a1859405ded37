-- Makes an emitter known, or changes whether it is a test emitter; the inbox is told at once.
create or replace function door.register_emitter(id text, kind text, test boolean)
returns void
language plpgsql as $$
declare
  _kind text;
begin
  insert into door.emitter as known (id, kind, test)
  values (register_emitter.id, register_emitter.kind, register_emitter.test)
      on conflict on constraint emitter_pkey do update
     set test = excluded.test
  returning known.kind into _kind;

  if _kind <> register_emitter.kind then
    raise exception 'emitter % is known as %, it cannot become %', register_emitter.id, _kind, register_emitter.kind;
  end if;

  perform pg_notify('door_emitter', register_emitter.id);
end $$;
