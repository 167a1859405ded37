-- An emitter asks for the receipts of what was refused and parked, in order and by its own id.
create index if not exists refusal_emitter on door.refusal (emitter, number);
create index if not exists refusal_emitted_id on door.refusal (emitter, emitted_id) where emitted_id is not null;
create index if not exists parked_emitter on door.parked (emitter, "position");
