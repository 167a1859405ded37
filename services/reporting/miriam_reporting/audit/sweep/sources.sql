-- Of leaves first..last: each source's last number by position, its highest number, and how many leaves are its own.
select leaf.source, (array_agg(leaf.sequence order by leaf.position desc))[1], max(leaf.sequence), count(*)
  from ledger.leaf
 where leaf.position between %(first)s and %(last)s
 group by leaf.source
