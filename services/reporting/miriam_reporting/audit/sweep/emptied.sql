-- Leaves first..last whose body is gone although neither a retirement covers them (one that the ledger recorded, because
-- of an `edition.retired` that stands in it, of that edition), nor a wipe of a test CPAS (because of a `door.wiped` that
-- stands in it and names their numbers). And those that are emptied by half.
select leaf.position, leaf.source, leaf.sequence, leaf.event_id::text
  from ledger.leaf
 where leaf.position between %(first)s and %(last)s
   and (leaf.body is null or leaf.data is null)
   and (leaf.body is not null or leaf.data is not null
        or leaf.type = 'miriam.edition.retired.v1'
        or not exists (
             select
               from ledger.retirement
               join ledger.leaf as because on because.position = retirement.because_of
              where range_merge(retirement.positions) @> leaf.position
                and retirement.positions @> leaf.position
                and because.type = 'miriam.edition.retired.v1'
                and because.data -> 'data' ->> 'edition' = retirement.edition)
        and not (ledger.was_wiped(leaf.position) and ledger.said_to_be_wiped(leaf.source, leaf.sequence)))
 order by leaf.position
