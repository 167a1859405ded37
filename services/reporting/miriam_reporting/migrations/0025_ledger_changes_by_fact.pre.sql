-- The corrections and retractions of a fact, by its first id: of its chain, and of what became of it between two positions.
-- One leaf in ten is one, so the others pay for a comparison alone.
create index leaf_change_of on ledger.leaf ((coalesce(data->'data'->>'corrects', data->'data'->>'retracts')), position)
 where split_part(type, '.', 3) in ('corrected', 'retracted');
