-- Consortia: several CPAS that carry projects of an edition together. `cpas` is the lead; `members` holds it too.

-- [facts] consortium.formed

-- [table]
create table consortium (
  like version including defaults,
  consortium text not null,
  edition    text not null,
  members    text[] not null
);

-- [rows]
insert into consortium
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        consortium, edition, members)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       v.payload->>'lead',
       v.payload->>'consortium',
       v.payload->>'edition',
       array(select jsonb_array_elements_text(v.payload->'members'))
  from versions as v;

-- [indexes]
create unique index on consortium (from_position);
create index on consortium (first_id);
create index on consortium (consortium);
create index on consortium (edition);
