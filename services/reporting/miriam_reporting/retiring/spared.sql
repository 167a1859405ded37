-- What the facts of retired editions are chosen by, in temporary tables. All that any figure of another edition could
-- depend on, at any position, is spared (README): `spared_subject` are participations and groups that facts of other
-- editions name too; `spared_link` participations whose enrolment tells, through links between participations, who a
-- woman of another edition is.
create temporary table retired_project on commit drop as
select project from ledger.retired_projects();
analyze retired_project;

-- When each of them stood approved. A fact that stood while its project did not was told by every edition (D01,
-- `project_unknown`), so it stays.
create temporary table approved_project on commit drop as
select f.project, range_agg(int8range(f.from_position, f.until_position)) as positions
  from facts.project as f
 where not f.retracted and f.project in (select project from retired_project)
 group by f.project;
analyze approved_project;

-- Projects that were ever approved for an edition that is not retired.
create temporary table live_project on commit drop as
select distinct f.project from facts.project as f where f.project not in (select project from retired_project);
analyze live_project;

create temporary table spared_subject on commit drop as
select distinct m.subject from facts.mention as m join live_project as p using (project);
analyze spared_subject;

-- Of whom something was told while nobody had approved its project: the same fact, told elsewhere, may hide it there.
create temporary table stray_subject on commit drop as
select m.subject
  from facts.mention as m
 where m.project not in (select project from retired_project)
   and m.project not in (select project from live_project)
 union
{strays};
analyze stray_subject;

-- Persons who may be one woman with a person of another edition: by any link there ever was, through any enrolment.
create temporary table spared_link on commit drop as
with recursive linked as materialized (
  select participation as one, other from facts.person_link where fact = 'linked'
   union
  select other, participation from facts.person_link where fact = 'linked'
), enrolment as materialized (
  select distinct f.participation, f.person, f.project in (select project from live_project) as lives
    from facts.participation as f
   where f.participation in (select one from linked)
      or f.person in (
           select p.person from facts.participation as p where p.participation in (select one from linked)
         )
), kin (person) as (
  select person from enrolment where lives
   union
  select b.person
    from kin as k
    join enrolment as a on a.person = k.person
    join linked as l on l.one = a.participation
    join enrolment as b on b.participation = l.other
)
select distinct e.participation
  from enrolment as e
  join linked as l on l.one = e.participation
 where e.person in (select person from kin);
analyze spared_link;
