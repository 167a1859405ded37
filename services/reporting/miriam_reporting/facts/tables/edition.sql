-- Editions, as the authority opened them: what their facts are judged by. No CPAS.

-- [facts] edition.opened

-- [table]
create table edition (
  like version including defaults,
  edition           text not null,
  name              text not null,
  starts_on         date not null,
  ends_on           date not null,
  eligibility       text[] not null,
  instrument        text not null,
  budget            bigint not null,
  subsidy_per_group bigint not null,
  places_min        integer not null,
  places_max        integer not null,
  groups_max        integer not null,
  late_after_days   integer not null
);

-- [rows]
insert into edition
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        edition, name, starts_on, ends_on, eligibility, instrument, budget, subsidy_per_group,
        places_min, places_max, groups_max, late_after_days)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       null,
       v.payload->>'edition',
       v.payload->>'name',
       (v.payload->>'starts_on')::date,
       (v.payload->>'ends_on')::date,
       array(select jsonb_array_elements_text(v.payload->'eligibility')),
       v.payload->>'instrument',
       (v.payload->>'budget')::bigint,
       (v.payload->>'subsidy_per_group')::bigint,
       (v.payload->>'places_min')::integer,
       (v.payload->>'places_max')::integer,
       (v.payload->>'groups_max')::integer,
       (v.payload->>'late_after_days')::integer
  from versions as v;

-- [indexes]
create unique index on edition (from_position);
create index on edition (first_id);
create index on edition (edition);
