-- Enrolments: one woman in one project of one edition, with her situation at entry.

-- [facts] participation.enrolled

-- [table]
create table participation (
  like version including defaults,
  project         text not null,
  participation   text not null,
  person          text not null,
  person_known_by text not null,
  consented_on    date not null,
  eligibility     text not null,
  employment      text not null,
  education       text not null,
  age_band        text not null,
  children        integer not null,
  language        text not null,
  case_manager    text not null
);

-- [rows]
insert into participation
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, person, person_known_by, consented_on, eligibility, employment,
        education, age_band, children, language, case_manager)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'person',
       v.payload->>'person_known_by',
       (v.payload->>'consented_on')::date,
       v.payload->>'eligibility',
       v.payload->>'employment',
       v.payload->>'education',
       v.payload->>'age_band',
       (v.payload->>'children')::integer,
       v.payload->>'language',
       v.payload->>'case_manager'
  from versions as v;

-- [indexes]
create unique index on participation (from_position);
create index on participation (first_id);
create index on participation (project, participation);
create index on participation (participation);
create index on participation (person);
