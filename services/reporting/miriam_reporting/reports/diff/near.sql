-- Places that may be others now: CPAS that were told of, projects that were ever approved for the edition and were told
-- of, or whose consortium was.
create temporary table diff_cpas on commit drop as
select distinct o.cpas
  from facts.cpas as o
 where o.first_id in (
         select f.first_id from facts.cpas as f where f.from_position > %(after)s and f.from_position <= %(upto)s
       );
create temporary table diff_consortium on commit drop as
select distinct o.consortium
  from facts.consortium as o
 where o.first_id in (
         select f.first_id from facts.consortium as f where f.from_position > %(after)s and f.from_position <= %(upto)s
       );
create temporary table diff_project on commit drop as
select named.project
  from (
    select o.project
      from facts.project as o
     where o.first_id in (
             select f.first_id from facts.project as f where f.from_position > %(after)s and f.from_position <= %(upto)s
           )
     union
    select o.project from facts.project as o where o.consortium in (select c.consortium from diff_consortium as c)
  ) as named
 where exists (select from facts.project as o where o.project = named.project and o.edition = %(edition)s);
-- What was told, of whom: of facts every participation that any version names.
create temporary table diff_told (kind, first_id, participation) on commit drop as
{arms}
 union
-- What only tells of progress with a goal counts nowhere.
select 'goal', o.first_id, o.participation
  from facts.goal_event as o
 where o.first_id in (
         select f.first_id
           from facts.goal_event as f
          where f.fact in ('reached', 'abandoned') and f.from_position > %(after)s and f.from_position <= %(upto)s
       )
 union
select 'person_link', l.first_id, unnest(array[l.participation, l.other])
  from facts.person_link as l
 where l.first_id in (
         select f.first_id from facts.person_link as f where f.from_position > %(after)s and f.from_position <= %(upto)s
       )
 union
-- Whoever is named at a place that may be another.
select 'place', null, m.subject from facts.mention as m where m.project in (select p.project from diff_project as p)
 union
select 'place', null, m.subject
  from facts.mention as m
 where split_part(m.subject, ':', 1) in (select c.cpas from diff_cpas as c)
 union
-- A group session concerns those who are named in it.
select 'group_session', changed.first_id, o.participation
  from (
    select f.first_id
      from facts.group_session as f
     where f.from_position > %(after)s and f.from_position <= %(upto)s
        or f.project in (select p.project from diff_project as p)
        or f.cpas in (select c.cpas from diff_cpas as c)
     union
    -- Where a group was formed otherwise, all of its sessions may count otherwise.
    select s.first_id
      from facts.group_session as s
     where s.group_id in (
             select o.group_id
               from facts.grp as o
              where o.fact = 'formed'
                and (o.consortium in (select c.consortium from diff_consortium as c) or o.first_id in (
                      select f.first_id
                        from facts.grp as f
                       where f.from_position > %(after)s and f.from_position <= %(upto)s
                    ))
           )
  ) as changed
  left join facts.attendance as o using (first_id);
create temporary table diff_changed on commit drop as
select distinct first_id from diff_told where kind in ('session', 'group_session');
-- Each with all that were ever told to be the same woman's.
create temporary table diff_near on commit drop as
with recursive kin (root, participation) as (
  select distinct participation, participation from diff_told where participation is not null
   union
  select k.root, o.participation
    from kin as k
   cross join lateral (
          select same.participation
            from facts.participation as hers
            join facts.participation as same on same.person = hers.person
           where hers.participation = k.participation
           union all
          select l.other from facts.person_link as l where l.participation = k.participation
           union all
          select l.participation from facts.person_link as l where l.other = k.participation
        ) as o
)
select distinct t.kind, k.participation, e.seat, e.woman
  from (select distinct kind, participation from diff_told where participation is not null) as t
  join kin as k on k.root = t.participation
  left join participation_at as e on e.participation = k.participation;
analyze diff_changed;
analyze diff_near
