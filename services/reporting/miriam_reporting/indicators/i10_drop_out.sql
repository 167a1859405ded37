-- code: I10
-- name: drop_out
-- version: 1
-- en: Drop-out
-- fr: Abandons
-- nl: Uitval
-- de: Abbrüche
-- source: the authority's reports: drop-out, and reasons for drop-out
-- rule: participations that ended for another reason than completed, employment or training / valid enrolments; by reason

-- [part]
-- [shared] reason = EXIT_REASONS but completed | employment | training
-- kind: share
-- unit: %
-- each: row
-- place: spot
select x.reason as category, p.spot, p.participation as unit,
       coalesce(x.event_id, p.event_id) as event_id, coalesce(x.position, p.position) as position,
       case when x.reason is not null then 'numerator' else 'denominator' end as counted, null::text as reason
  from participation_at as p
  left join exit_at as x
    on x.seat = p.seat and x.invalid is null
   and x.reason not in ('completed', 'employment', 'training')
 where p.spot is not null
