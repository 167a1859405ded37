-- Corrections and retractions that came after their fact was emptied: nothing is projected of them, so no table has them.
select l.position
  from ledger.counted as l
  join ledger.leaf as o
    on o.event_id = coalesce(l.data->'data'->>'corrects', l.data->'data'->>'retracts')::uuid
 where l.position > (select min(position) from ledger.leaf where type = 'miriam.edition.retired.v1')
   and l.position <= (select position from facts.checkpoint)
   and l.type = any (%(changing)s) and l.body is not null and o.body is null
 limit %(maximum)s
