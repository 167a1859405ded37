-- code: I14
-- name: first_contact
-- version: 1
-- en: Days to the first session
-- fr: Jours jusqu'au premier entretien
-- nl: Dagen tot het eerste gesprek
-- de: Tage bis zum ersten Gespräch
-- source: the method: accompaniment begins at enrolment
-- rule: median, over the participations that were met, of the days from enrolment to the first individual session held or
--   group session attended

-- [part]
-- kind: median
-- unit: days
-- place: spot
select p.spot, p.participation as unit,
       coalesce(c.event_id, p.event_id) as event_id, coalesce(c.position, p.position) as position,
       case when c.seat is null then 'excluded' else 'numerator' end as counted,
       case when c.seat is null then 'no_session' end as reason,
       c.occurred_on - p.occurred_on as amount
  from participation_at as p
  left join contact_at as c using (seat)
 where p.spot is not null
