-- The positions of first..last at which no leaf stands, as ranges.
select min(missing.position), max(missing.position)
  from (
    select given.position, given.position - row_number() over (order by given.position) as run
      from generate_series(%(first)s::bigint, %(last)s::bigint) as given (position)
     where not exists (select from ledger.leaf where leaf.position = given.position)
  ) as missing
 group by missing.run
 order by 1
