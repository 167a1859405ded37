-- Who was at a group session that was held: a row for each woman in one of its lists, in the versions of the session.
-- `cpas` is the woman's, `group_cpas` the group's.

-- [facts] groupsession.held

-- [table]
create table attendance (
  like version including defaults,
  group_cpas    text not null,
  project       text not null,
  group_id      text not null,
  groupsession  text not null,
  participation text not null,
  presence      text not null
);

-- [rows]
insert into attendance
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        group_cpas, project, group_id, groupsession, participation, presence)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       split_part(entry.participation, ':', 1),
       split_part(v.payload->>'group', ':', 1),
       v.payload->>'project',
       v.payload->>'group',
       v.payload->>'groupsession',
       entry.participation,
       entry.presence
  from versions as v
 cross join lateral (
         select 'present', jsonb_array_elements_text(v.payload->'present')
          union all
         select 'excused', jsonb_array_elements_text(v.payload->'excused')
          union all
         select 'absent', jsonb_array_elements_text(v.payload->'absent')
       ) as entry (presence, participation);

-- [indexes]
create unique index on attendance (from_position, participation, presence);
create index on attendance (first_id);
create index on attendance (project, participation);
create index on attendance (participation);
