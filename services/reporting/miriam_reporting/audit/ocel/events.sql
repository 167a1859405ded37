-- The facts of an edition in the order of their days, each as the event that made its last standing version, or (where
-- `history` is asked for) as every event that made a version of it. `at` is when it happened, as far as that is known:
-- noon of its day in Brussels, and a millisecond later for each fact of that day that was noted before it, so that the
-- order of noting is kept. What was corrected keeps its place among the others; a correction itself, and a retraction,
-- happened when they were noted.
with version as (
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.participation as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.participation_event as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.exit as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.follow_up as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.session as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.goal as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.goal_event as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.assessment as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.referral as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.referral_close as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.grp as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.membership as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.group_session as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.payment as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.cost as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.project as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.project_end as f
    join project_at as p on p.project = f.project and p.asked
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.edition as f
   where f.edition = %(edition)s
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.edition_end as f
   where f.edition = %(edition)s
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.consortium as f
   where f.edition = %(edition)s
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.cpas as f
   where f.cpas in (select c.cpas from carrier_at as c)
   union all
  select f.first_id, f.event_id, f.from_position as position, f.until_position, f.retracted
    from facts.person_link as f
   where f.participation in (select e.participation from participation_at as e where e.asked)
      or f.other in (select e.participation from participation_at as e where e.asked)
), told as (
  select v.first_id, v.event_id, v.position, l.source, l.type, o.type as first_type,
         coalesce(l.data->'data'->'replacement', o.data->'data') as payload, l.data->'data'->>'reason' as reason,
         (l.data->>'time')::timestamptz as noted_at, l.data->>'origin' as origin,
         (o.data->>'time')::timestamptz as first_noted_at, o.position as first_position
    from version as v
    join ledger.leaf as l on l.position = v.position
    join ledger.leaf as o on o.event_id = v.first_id
   where v.position <= %(position)s
     and (%(history)s or v.until_position > %(position)s and not v.retracted)
), placed as (
  select t.*,
         case when %(history)s and t.event_id <> t.first_id then t.noted_at
              else ((t.payload->>'occurred_on')::date + time '12:00') at time zone 'Europe/Brussels'
                   + (row_number() over (partition by t.payload->>'occurred_on'
                                         order by t.first_noted_at, t.first_position, t.position) - 1)
                   * interval '1 millisecond'
         end as at
    from told as t
)
select p.first_id::text, p.event_id::text, p.position, p.source, p.type, p.first_type, p.payload, p.reason, p.origin,
       to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
       to_char(p.noted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as noted_at
  from placed as p
 order by p.at, p.position
