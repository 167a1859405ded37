-- Projects, as approved. Amounts in euro cents. `cpas` carries it, or leads the consortium that does.

-- [facts] project.approved

-- [table]
create table project (
  like version including defaults,
  project    text not null,
  edition    text not null,
  consortium text,
  places     integer not null,
  subsidy    bigint not null,
  starts_on  date not null,
  ends_on    date not null
);

-- [rows]
insert into project
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, edition, consortium, places, subsidy, starts_on, ends_on)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       v.payload->>'cpas',
       v.payload->>'project',
       v.payload->>'edition',
       v.payload->>'consortium',
       (v.payload->>'places')::integer,
       (v.payload->>'subsidy')::bigint,
       (v.payload->>'starts_on')::date,
       (v.payload->>'ends_on')::date
  from versions as v;

-- [indexes]
create unique index on project (from_position);
create index on project (first_id);
create index on project (project);
create index on project (edition);
