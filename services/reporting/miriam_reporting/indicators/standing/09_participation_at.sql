-- What a fact of a participation is judged by: a row for each participation whose enrolment stands or was retracted,
-- with a number (`seat`; a woman's is `woman_no`). `asked`: enrolled in the edition asked for. `invalid`: why its enrolment does not count (null:
-- it does, and `spot` says where); of other editions' enrolments nothing is said, since a fact of this edition differs
-- from them in its project. Where every enrolment was retracted, `project` is null: none can then be said to differ.
create temporary table participation_at on commit drop as
with judged as (
  select f.participation, f.project, f.cpas, coalesce(p.asked, false) as asked, c.spot as carrier,
         case when p.asked is not true then null
              when c.spot is null then 'project_not_carried'
              when f.occurred_on < e.starts_on or f.occurred_on > e.ends_on then 'enrolled_outside_edition'
              when f.eligibility <> all (e.eligibility) then 'basis_not_allowed'
         end as invalid,
         coalesce(w.woman, f.person) as woman, f.person_known_by, f.employment, f.education, f.age_band,
         f.occurred_on, f.noted_on, f.first_id, f.event_id, f.position, x.occurred_on as ended_on
    from enrolled_at as f
   cross join edition_at as e
    left join project_at as p using (project)
    left join carrier_at as c on c.project = f.project and c.cpas = f.cpas
    left join woman_at as w using (person)
    left join ended_at as x using (participation)
   union all
  select distinct f.participation, null, f.cpas, false, null::integer, 'enrolment_retracted',
         f.participation, null, null, null, null,
         null::date, null::date, null::uuid, null::uuid, null::bigint, null::date
    from facts.participation as f
    join concerned_at as c on c.subject = f.participation
   where f.from_position <= %(position)s and f.until_position > %(position)s and f.retracted
     and not exists (select from enrolled_at as e where e.participation = f.participation)
)
select row_number() over ()::integer as seat, case when asked and invalid is null then carrier end as spot,
       dense_rank() over (order by j.woman collate "C")::integer as woman_no, j.*
  from judged as j;
create unique index on participation_at (seat)
