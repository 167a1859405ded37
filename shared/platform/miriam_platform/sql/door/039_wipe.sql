-- Leaves nothing of a test CPAS at the door: attempts, parked events, and what was refused. A refusal that no tally counts
-- yet (numbered behind `tallied`) is emptied instead, for its number is still to be counted. Answers how many rows went.
create or replace function door.wipe(emitter text, tallied bigint)
returns bigint
language plpgsql as $$
declare
  _gone  bigint;
  _total bigint := 0;
begin
  if wipe.emitter not like 'test-%' then
    raise exception '% is no test CPAS', wipe.emitter using errcode = 'restrict_violation';
  end if;

  delete from door.attempt where attempt.emitter = wipe.emitter;
  get diagnostics _gone = row_count;
  _total := _total + _gone;

  delete from door.parked where parked.emitter = wipe.emitter;
  get diagnostics _gone = row_count;
  _total := _total + _gone;

  delete from door.refusal where refusal.emitter = wipe.emitter and refusal.number <= wipe.tallied;
  get diagnostics _gone = row_count;
  _total := _total + _gone;

  update door.refusal
     set payload = '', emitted_id = null, subject = null, correlation = null, status = 'discarded',
         -- It could be a hash over an open block.
         fingerprint = uuid_send(gen_random_uuid())
   where refusal.emitter = wipe.emitter;
  get diagnostics _gone = row_count;
  return _total + _gone;
end $$;
