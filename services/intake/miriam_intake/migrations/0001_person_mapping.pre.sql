-- From the keyed hash of a national number to the random id of the woman: the additional information that is kept apart
-- (law 9). Deleting a row cuts the way from the number to her events. Two numbers may lead to one woman: a BIS number
-- gives way to a national number.
create schema person;

create table person.mapping (
  keyed_number bytea       primary key check (octet_length(keyed_number) = 32),
  person       text        not null check (person ~ '^prs-[0-9a-f]{32}$'),
  minted_at    timestamptz not null default now()
);

create index mapping_person on person.mapping (person);

-- The person of a number; `fresh` becomes it where the number was never seen.
-- The no-op update locks the row that another transaction may have made a moment ago, and returns it.
create function person.of_number(keyed_number bytea, fresh text)
returns text
language sql as $$
  insert into person.mapping as known (keyed_number, person)
  values (of_number.keyed_number, of_number.fresh)
      on conflict on constraint mapping_pkey do update
     set person = known.person
  returning known.person
$$;

revoke all on all functions in schema person from public;
grant usage on schema person to {app};
grant select, insert, update, delete on person.mapping to {app};
grant execute on all functions in schema person to {app};
