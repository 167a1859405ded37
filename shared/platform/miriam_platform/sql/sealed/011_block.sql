-- The personal block that came with an event, under the key of its participation.
create table if not exists sealed.block (
  event_id      uuid primary key,
  participation text  not null references sealed.key (participation),
  ciphertext    bytea not null
);

create index if not exists block_participation on sealed.block (participation);
