-- Participations that were said to be of one woman (`linked`), or no longer to be (`unlinked`).

-- [facts] person.linked person.unlinked

-- [table]
create table person_link (
  like version including defaults,
  fact          text not null,
  participation text not null,
  other         text not null,
  reason        text
);

-- [rows]
insert into person_link
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, participation, other, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.fact,
       v.payload->>'participation',
       v.payload->>'other',
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on person_link (from_position);
create index on person_link (first_id);
create index on person_link (participation);
create index on person_link (other);
