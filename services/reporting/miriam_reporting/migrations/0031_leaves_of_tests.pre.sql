-- What a test CPAS sent is in the ledger like anything else, and counts nowhere: its leaves are told by the origin of their
-- event, `/cpas/test-...`, which no other emitter has. Whatever is projected, or listed beside figures, is read from here.
-- Emptied leaves have no origin any more, and are left out too.
create view ledger.counted as
select leaf.*
  from ledger.leaf
 where leaf.data ->> 'origin' not like '/cpas/test-%';

grant select on ledger.counted to {app};

-- The few leaves of tests, to be counted and told.
create index leaf_of_tests on ledger.leaf (position) where data ->> 'origin' like '/cpas/test-%';
