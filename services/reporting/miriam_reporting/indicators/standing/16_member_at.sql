-- On which days who was a member of a group that met in the edition: from the day she joined to the day she left,
-- both included; she may have joined again.
create temporary table member_at on commit drop as
select j.group_id, j.participation,
       range_agg(daterange(j.occurred_on, (
         select min(l.occurred_on)
           from facts.membership as l
          where l.group_id = j.group_id and l.participation = j.participation and l.fact = 'left'
            and l.occurred_on >= j.occurred_on
            and l.from_position <= %(position)s and l.until_position > %(position)s and not l.retracted
       ), '[]')) as days
  from facts.membership as j
 where j.fact = 'joined'
   and j.group_id in (select group_id from group_session_at)
   and j.from_position <= %(position)s and j.until_position > %(position)s and not j.retracted
 group by j.group_id, j.participation
