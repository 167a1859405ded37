-- Costs declared and accepted, in euro cents. No CPAS: it is the project's.

-- [facts] project.cost_declared

-- [table]
create table cost (
  like version including defaults,
  project     text not null,
  declaration text not null,
  category    text not null,
  amount      bigint not null
);

-- [rows]
insert into cost
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, declaration, category, amount)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       null,
       v.payload->>'project',
       v.payload->>'declaration',
       v.payload->>'category',
       (v.payload->>'amount')::bigint
  from versions as v;

-- [indexes]
create unique index on cost (from_position);
create index on cost (first_id);
create index on cost (project);
