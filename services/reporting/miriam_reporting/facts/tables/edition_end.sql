-- How editions ended: closed, and later retired. No CPAS.

-- [facts] edition.closed edition.retired

-- [table]
create table edition_end (
  like version including defaults,
  fact           text not null,
  edition        text not null,
  reason         text,
  retained_until date
);

-- [rows]
insert into edition_end
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        fact, edition, reason, retained_until)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       null,
       v.fact,
       v.payload->>'edition',
       v.payload->>'reason',
       (v.payload->>'retained_until')::date
  from versions as v;

-- [indexes]
create unique index on edition_end (from_position);
create index on edition_end (first_id);
create index on edition_end (edition);
