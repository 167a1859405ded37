-- Every fact that concerns one participation, as it stood at a position: of each its latest version until there, with
-- the first id of its fact, the event that made the version, and her presence where it is of a group session.
-- Arguments: participation, position.
with named as (
  select m.project from facts.mention as m where m.subject = %(participation)s
), version as (
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null as presence
    from facts.participation as v
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.participation_event as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.session as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.assessment as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.goal as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.goal_event as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, v.presence
    from facts.attendance as v
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.membership as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.referral as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.referral_close as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.exit as v
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
   union all
  select v.first_id, v.event_id, v.from_position, v.occurred_on, v.retracted, null
    from facts.follow_up as v join named using (project)
   where v.participation = %(participation)s and v.from_position <= %(position)s and v.until_position > %(position)s
)
select version.first_id::text, version.event_id::text, version.from_position, version.occurred_on, version.retracted,
       version.presence
  from version
 order by version.occurred_on, version.first_id, version.presence
