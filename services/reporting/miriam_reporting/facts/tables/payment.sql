-- Payments of subsidy, in euro cents. No CPAS: it is the project's.

-- [facts] project.payment_made

-- [table]
create table payment (
  like version including defaults,
  project text not null,
  payment text not null,
  amount  bigint not null
);

-- [rows]
insert into payment
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, payment, amount)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       null,
       v.payload->>'project',
       v.payload->>'payment',
       (v.payload->>'amount')::bigint
  from versions as v;

-- [indexes]
create unique index on payment (from_position);
create index on payment (first_id);
create index on payment (project);
