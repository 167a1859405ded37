-- Who belongs to a consortium that stands. The lead counts as a member everywhere.
create temporary table consortium_member_at on commit drop as
with formed as (
  select distinct on (f.consortium collate "C") f.consortium, f.cpas as lead, f.members
    from facts.consortium as f
   where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
   order by f.consortium collate "C", f.occurred_on, f.first_id
)
select consortium, lead as cpas from formed
 union
select consortium, unnest(members) from formed
