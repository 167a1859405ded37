-- CPAS that went on in another. `cpas` is the one that ended.

-- [facts] cpas.merged

-- [table]
create table cpas_merger (
  like version including defaults,
  into_cpas text not null
);

-- [rows]
insert into cpas_merger
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        into_cpas)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       v.payload->>'cpas',
       v.payload->>'into'
  from versions as v;

-- [indexes]
create unique index on cpas_merger (from_position);
create index on cpas_merger (first_id);
create index on cpas_merger (cpas);
