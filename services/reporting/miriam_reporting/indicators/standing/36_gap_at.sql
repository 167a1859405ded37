-- For each service: its highest number among leaves 1..N, that leaf, and how many numbers are missing below it.
create temporary table gap_at on commit drop as
select l.source, l.event_id, l.position, h.highest - h.leaves as amount
  from (select source, max(sequence) as highest, count(*) as leaves
          from ledger.leaf
         where position <= %(position)s
         group by source) as h
  join ledger.leaf as l on l.source = h.source and l.sequence = h.highest
