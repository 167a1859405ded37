-- Makes an emitter known; the inbox is told at once. `test` repeats what the id says: it must begin with `test-` where it
-- is true, and must not where it is false, so that nobody becomes a test emitter by a slip, or stays none.
create or replace function door.register_emitter(id text, kind text, test boolean)
returns void
language plpgsql as $$
declare
  _kind text;
begin
  if register_emitter.id = 'unknown' then
    raise exception 'unknown stands for senders that are not known, and cannot be an emitter'
      using errcode = 'check_violation', hint = 'What nobody vouched for is kept under that name.';
  end if;
  if register_emitter.test <> (register_emitter.id like 'test-%')
     or register_emitter.test and register_emitter.kind <> 'cpas' then
    raise exception 'emitter % (%) cannot be registered with test = %',
                    register_emitter.id, register_emitter.kind, register_emitter.test
      using errcode = 'check_violation',
            hint = 'Ids of test emitters, and no other, begin with test-; only a cpas is one.';
  end if;

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
