-- view: 6 irregular
-- columns: kind+=irregularity, cpas+, project, fact+=fact, subject+, occurred_on+, noted_on+, days+, rule+=rule, count+,
--   first_id, event_id, position

-- `refused`: what the doors counted as refused, by emitter, rule and tally; a refusal has no edition, so all are listed.
-- `late`: facts of the edition that were noted more days after they happened than it allows (D03).
-- `ignored`: facts that repeat what may be said once, and are not the first; the first counts (COUNTING.md).
-- `unmatched`: facts whose project nobody approved; they have no edition, so they stand in each (D01 project_unknown).
-- `retracted`: facts that their emitter took back because they were duplicates.
-- An event that was sent twice is no record: the door answers it `duplicate`, and the ledger has it once.
with line as (
  select 'refused' as kind, f.cpas, null::text as project, 'door.tallied' as fact, f.service as subject,
         f.occurred_on, f.noted_on, null::integer as days, f.rule, f.refused as count,
         f.first_id, f.event_id, f.from_position as position
    from facts.refusal_tally as f
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   union all
  select 'late', coalesce(c.cpas, n.cpas), coalesce(c.project, n.project),
         n.family || '.' || case split_part(l.type, '.', 3)
                              when 'corrected' then l.data->'data'->>'fact' else split_part(l.type, '.', 3)
                            end,
         l.data->>'subject',
         n.occurred_on, n.noted_on, n.noted_on - n.occurred_on, 'late_after_days', null,
         n.first_id, n.event_id, n.position
    from noted_at as n
   cross join edition_at as e
    join ledger.leaf as l on l.position = n.position
    left join carrier_at as c on c.spot = n.spot
   where n.noted_on - n.occurred_on > e.late_after_days
   union all
  select 'ignored', r.cpas, r.project, r.fact, r.subject, r.occurred_on, r.noted_on, null, 'first_counts', null,
         r.first_id, r.event_id, r.from_position
    from (
      select 'participation.enrolled' as fact, f.participation as subject, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.participation order by f.occurred_on, f.first_id) as turn
        from facts.participation as f
       where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
       union all
      select 'participation.ended', f.participation, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.participation order by f.occurred_on, f.first_id)
        from facts.exit as f
       where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
       union all
      select 'assessment.completed', f.participation, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.participation, f.moment order by f.occurred_on, f.first_id)
        from facts.assessment as f
       where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
       union all
      select 'goal.set', f.participation, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.participation, f.goal order by f.occurred_on, f.first_id)
        from facts.goal as f
       where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
       union all
      select 'referral.made', f.participation, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.participation, f.referral order by f.occurred_on, f.first_id)
        from facts.referral as f
       where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
       union all
      select 'referral.closed', f.participation, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.participation, f.referral order by f.occurred_on, f.first_id)
        from facts.referral_close as f
       where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
       union all
      select 'group.formed', f.group_id, f.project, f.cpas, f.occurred_on, f.noted_on,
             f.first_id, f.event_id, f.from_position,
             row_number() over (partition by f.group_id order by f.occurred_on, f.first_id)
        from facts.grp as f
       where f.fact = 'formed'
         and f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
    ) as r
    join project_at as p on p.project = r.project and p.asked
   where r.turn > 1
   union all
  select 'unmatched', s.cpas, s.project,
         split_part(l.type, '.', 2) || '.' || case split_part(l.type, '.', 3)
                              when 'corrected' then l.data->'data'->>'fact' else split_part(l.type, '.', 3)
                            end,
         s.participation, null::date, ((l.data->>'time')::timestamptz at time zone 'Europe/Brussels')::date,
         null, 'project_unknown', null, s.first_id, s.event_id, s.position
    from stray_at as s
    join ledger.leaf as l on l.position = s.position
   union all
  select 'retracted', split_part(l.data->>'subject', ':', 1), o.data->'data'->>'project',
         split_part(l.type, '.', 2) || '.' || (l.data->'data'->>'fact'), l.data->>'subject',
         (l.data->'data'->>'occurred_on')::date,
         ((l.data->>'time')::timestamptz at time zone 'Europe/Brussels')::date, null, 'duplicate', null,
         o.event_id, l.event_id, l.position
    from ledger.counted as l
    join ledger.leaf as o on o.event_id = (l.data->'data'->>'retracts')::uuid
    join project_at as p on p.project = o.data->'data'->>'project' and p.asked
   where l.type = any (%(retracted)s) and l.position <= %(position)s and l.data->'data'->>'reason' = 'duplicate'
)
select l.kind, l.cpas, l.project, l.fact, l.subject, l.occurred_on, l.noted_on, l.days, l.rule, l.count,
       l.first_id::text, l.event_id::text, l.position
  from line as l
 where %(cpas)s::text is null or l.cpas = %(cpas)s
 order by l.kind, l.position, l.cpas collate "C", l.rule, l.subject collate "C", l.first_id
