-- Women with a valid enrolment in the edition, each in the CPAS of her first one. `participation`: all her valid ones.
select h.cpas, h.woman as unit, h.project, g.participations as participation, null::text as session, null::text as "group",
       h.occurred_on, h.event_id::text as event_id, h.position
  from (
    select distinct on (p.woman collate "C") p.woman, c.cpas, c.project, p.occurred_on, p.event_id, p.position
      from participation_at as p
      join carrier_at as c on c.spot = p.spot
     order by p.woman collate "C", p.occurred_on, p.first_id
  ) as h
  join (
    select p.woman, string_agg(p.participation, ' ' order by p.participation collate "C") as participations
      from participation_at as p
     where p.spot is not null
     group by p.woman
  ) as g on g.woman = h.woman
