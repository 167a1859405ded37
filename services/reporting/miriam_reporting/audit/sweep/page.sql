-- The hashes of leaves first..last in their order, how many leaves these are, and how many of them are emptied.
select coalesce(string_agg(leaf.hash, ''::bytea order by leaf.position), ''::bytea),
       count(*), count(*) filter (where leaf.body is null or leaf.data is null)
  from ledger.leaf
 where leaf.position between %(first)s and %(last)s
