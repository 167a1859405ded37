-- For each service: its highest number among leaves 1..N, that leaf, and how many numbers are missing below it.
create temporary table gap_at on commit drop as
select l.source, l.event_id, l.position, s.highest - s.leaves as amount
  from ledger.sources_at(%(position)s) as s
  join ledger.leaf as l on l.source = s.source and l.sequence = s.highest
