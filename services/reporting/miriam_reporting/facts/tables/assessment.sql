-- Assessments, one wide row each: by measured domain the answer's status, its score (null unless valid)
-- and the change since the start (null unless moment is end).

-- [facts] assessment.completed

-- [table]
create table assessment (
  like version including defaults,
  project                 text not null,
  participation           text not null,
  assessment              text not null,
  moment                  text not null,
  instrument              text not null,
  finances_status         text not null,
  finances_score          smallint,
  finances_change         text,
  social_support_status   text not null,
  social_support_score    smallint,
  social_support_change   text,
  housing_status          text not null,
  housing_score           smallint,
  housing_change          text,
  mobility_status         text not null,
  mobility_score          smallint,
  mobility_change         text,
  physical_health_status  text not null,
  physical_health_score   smallint,
  physical_health_change  text,
  leisure_status          text not null,
  leisure_score           smallint,
  leisure_change          text,
  mental_wellbeing_status text not null,
  mental_wellbeing_score  smallint,
  mental_wellbeing_change text,
  autonomy_status         text not null,
  autonomy_score          smallint,
  autonomy_change         text,
  self_confidence_status  text not null,
  self_confidence_score   smallint,
  self_confidence_change  text
);

-- [rows]
insert into assessment
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        project, participation, assessment, moment, instrument, finances_status, finances_score,
        finances_change, social_support_status, social_support_score, social_support_change,
        housing_status, housing_score, housing_change, mobility_status, mobility_score,
        mobility_change, physical_health_status, physical_health_score, physical_health_change,
        leisure_status, leisure_score, leisure_change, mental_wellbeing_status,
        mental_wellbeing_score, mental_wellbeing_change, autonomy_status, autonomy_score,
        autonomy_change, self_confidence_status, self_confidence_score, self_confidence_change)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(v.payload->>'participation', ':', 1),
       v.payload->>'project',
       v.payload->>'participation',
       v.payload->>'assessment',
       v.payload->>'moment',
       v.payload->>'instrument',
       v.payload->'scores'->'finances'->>'status',
       (v.payload->'scores'->'finances'->>'score')::smallint,
       v.payload->'changes'->>'finances',
       v.payload->'scores'->'social_support'->>'status',
       (v.payload->'scores'->'social_support'->>'score')::smallint,
       v.payload->'changes'->>'social_support',
       v.payload->'scores'->'housing'->>'status',
       (v.payload->'scores'->'housing'->>'score')::smallint,
       v.payload->'changes'->>'housing',
       v.payload->'scores'->'mobility'->>'status',
       (v.payload->'scores'->'mobility'->>'score')::smallint,
       v.payload->'changes'->>'mobility',
       v.payload->'scores'->'physical_health'->>'status',
       (v.payload->'scores'->'physical_health'->>'score')::smallint,
       v.payload->'changes'->>'physical_health',
       v.payload->'scores'->'leisure'->>'status',
       (v.payload->'scores'->'leisure'->>'score')::smallint,
       v.payload->'changes'->>'leisure',
       v.payload->'scores'->'mental_wellbeing'->>'status',
       (v.payload->'scores'->'mental_wellbeing'->>'score')::smallint,
       v.payload->'changes'->>'mental_wellbeing',
       v.payload->'scores'->'autonomy'->>'status',
       (v.payload->'scores'->'autonomy'->>'score')::smallint,
       v.payload->'changes'->>'autonomy',
       v.payload->'scores'->'self_confidence'->>'status',
       (v.payload->'scores'->'self_confidence'->>'score')::smallint,
       v.payload->'changes'->>'self_confidence'
  from versions as v;

-- [indexes]
create unique index on assessment (from_position);
create index on assessment (first_id);
create index on assessment (project, participation);
