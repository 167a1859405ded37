-- view: 1 register
-- columns: cpas+, project+, region=region, participation+, woman+, person, person_known_by=known_by, counts+=counts,
--   eligibility=eligibility, employment=employment, education=education, age_band=age_band, children, language,
--   case_manager, consented_on, entered_on+, first_contact_on, left_on+, exit_reason+=reason, exit_counts=counts,
--   certificate=yes, follow_up=situation, noted_on, event_id, position, exit_event_id

-- Every participation whose enrolment names a project of the edition, also where it does not count.
select p.cpas, p.project, coalesce(r.region, 'unknown') as region, p.participation, p.woman, f.person, p.person_known_by,
       coalesce(p.invalid, 'valid') as counts,
       f.eligibility, p.employment, p.education, p.age_band, f.children, f.language, f.case_manager, f.consented_on,
       p.occurred_on as entered_on, c.occurred_on as first_contact_on,
       x.occurred_on as left_on, x.reason as exit_reason,
       case when x.participation is null then null
            when x.project <> p.project then 'project_differs'
            else coalesce(p.invalid, 'valid')
       end as exit_counts,
       t.certificate, u.situation as follow_up, p.noted_on,
       p.event_id::text, p.position, x.event_id::text as exit_event_id
  from participation_at as p
  join facts.participation as f on f.from_position = p.position
  left join cpas_at as r on r.cpas = p.cpas
  left join contact_at as c on c.seat = p.seat and p.spot is not null
  left join ended_at as x on x.participation = p.participation
  left join facts.exit as t on t.from_position = x.position
  left join last_follow_up_at as u on u.seat = p.seat
 where p.asked
   and (%(cpas)s::text is null or p.cpas = %(cpas)s)
 order by p.cpas collate "C", p.participation collate "C"
