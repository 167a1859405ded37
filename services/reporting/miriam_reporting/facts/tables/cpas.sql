-- CPAS, as registered: names, region, municipality, public signing key.

-- [facts] cpas.registered

-- [table]
create table cpas (
  like version including defaults,
  name_fr           text,
  name_nl           text,
  name_de           text,
  region            text not null,
  language          text not null,
  nis               text not null,
  enterprise_number text,
  signing_key       text
);

-- [rows]
insert into cpas
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        name_fr, name_nl, name_de, region, language, nis, enterprise_number, signing_key)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       v.payload->>'cpas',
       v.payload->'names'->>'fr',
       v.payload->'names'->>'nl',
       v.payload->'names'->>'de',
       v.payload->>'region',
       v.payload->>'language',
       v.payload->>'nis',
       v.payload->>'enterprise_number',
       v.payload->>'signing_key'
  from versions as v;

-- [indexes]
create unique index on cpas (from_position);
create index on cpas (first_id);
create index on cpas (cpas);
