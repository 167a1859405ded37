-- Ends of participations, with the reason.

-- [facts] participation.ended

-- [table]
create table exit (
  like version including defaults,
  project       text not null,
  participation text not null,
  reason        text not null,
  certificate   boolean not null
);

-- [rows]
insert into exit
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, reason, certificate)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'reason',
       (v.payload->>'certificate')::boolean
  from versions as v;

-- [indexes]
create unique index on exit (from_position);
create index on exit (first_id);
create index on exit (project, participation);
create index on exit (participation);
