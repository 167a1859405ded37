-- How projects ended. No CPAS: it is the project's.

-- [facts] project.ended

-- [table]
create table project_end (
  like version including defaults,
  project text not null,
  reason  text not null
);

-- [rows]
insert into project_end
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, reason)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       null,
       v.payload->>'project',
       v.payload->>'reason'
  from versions as v;

-- [indexes]
create unique index on project_end (from_position);
create index on project_end (first_id);
create index on project_end (project);
