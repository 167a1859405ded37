-- What was said of goals of the edition that nobody ever set.
create temporary table unset_goal_at on commit drop as
with candidate as materialized (
  select t.*
    from goal_event_at as t
   where t.invalid is null
     and not exists (select from goal_at as g where g.participation = t.participation and g.goal = t.goal)
), elsewhere as materialized (
  select f.participation, f.goal
    from elsewhere_at as e
    join facts.goal as f on f.project = e.project and f.participation = e.subject
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
)
select c.*
  from candidate as c
 where not exists (select from elsewhere as e where e.participation = c.participation and e.goal = c.goal)
