-- code: I01
-- name: women_supported
-- version: 1
-- en: Women supported
-- fr: Femmes accompagnées
-- nl: Begeleide vrouwen
-- de: Begleitete Frauen
-- source: the authority's account of an edition: "about 1,100 women" (closing event, 2023-24)
-- rule: women with a valid enrolment and at least one individual session held or group session attended / women enrolled

-- [part]
-- kind: share
-- value: numerator
-- unit: women
select p.spot, p.cpas, p.project, p.woman as unit, p.event_id, p.position,
       case when p.invalid is not null then 'excluded'
            when c.seat is not null then 'numerator'
            else 'denominator'
       end as counted,
       p.invalid as reason
  from participation_at as p
  left join contact_at as c using (seat)
 where p.asked
 union all
-- The first time that she was met shows why she counts.
select p.spot, p.cpas, p.project, p.woman, c.event_id, c.position, 'numerator', null
  from contact_at as c
  join participation_at as p using (seat)
