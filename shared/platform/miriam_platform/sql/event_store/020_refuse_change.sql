-- Law 1: facts are never changed, not even by the owner of the table. One change there is, at the end of a retention by
-- event_store.retire(), or of a test CPAS by event_store.wipe(): a body gives way to the hash under which the ledger holds
-- it. And what is beside the fact, the fingerprint of what was emitted, is emptied with the personal block that came with
-- it (schema `sealed`), or with the body of a test.
create or replace function event_store.refuse_change() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if new.body is null and old.body is not null
       and new.leaf = sha256('\x00'::bytea || convert_to(old.body, 'UTF8'))
       and row(new.sequence, new.id, new.stream, new.version, new.type, new.origin, new.origin_id,
               new.fact_number, new.fact_size, new.fingerprint, new.recorded_at)
           is not distinct from
           row(old.sequence, old.id, old.stream, old.version, old.type, old.origin, old.origin_id,
               old.fact_number, old.fact_size, old.fingerprint, old.recorded_at)
       and exists (select from event_store.retired
                    where retired.kind = 'edition'
                      and retired.because_of::text = current_setting('event_store.retiring', true)) then
      return new;
    end if;
    if new.body is null and old.body is not null and new.fingerprint = ''
       and new.leaf = sha256('\x00'::bytea || convert_to(old.body, 'UTF8'))
       and row(new.sequence, new.id, new.stream, new.version, new.type, new.origin, new.origin_id,
               new.fact_number, new.fact_size, new.recorded_at)
           is not distinct from
           row(old.sequence, old.id, old.stream, old.version, old.type, old.origin, old.origin_id,
               old.fact_number, old.fact_size, old.recorded_at)
       and exists (select from event_store.wiped
                    where wiped.because_of::text = current_setting('event_store.wiping', true)
                      and wiped.origin = old.origin
                      and wiped.numbers @> old.sequence) then
      return new;
    end if;
    if new.fingerprint = '' and current_setting('event_store.forgetting', true) = 'on'
       and row(new.sequence, new.id, new.stream, new.version, new.type, new.origin, new.origin_id,
               new.fact_number, new.fact_size, new.body, new.leaf, new.recorded_at)
           is not distinct from
           row(old.sequence, old.id, old.stream, old.version, old.type, old.origin, old.origin_id,
               old.fact_number, old.fact_size, old.body, old.leaf, old.recorded_at) then
      return new;
    end if;
  end if;
  raise exception '% of recorded events is refused: facts are never changed', lower(tg_op)
    using errcode = 'restrict_violation',
          hint = 'A mistake is answered by a corrected or retracted event.';
end $$;
