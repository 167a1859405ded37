-- Refusals up to this number were told in a tally that came back from the ledger: the next one must not get a number that
-- the tally counted already.
create or replace function door.count_on_from(number bigint)
returns void
language sql as $$
  update door.refusal_counter
     set last_number = count_on_from.number
   where refusal_counter.last_number < count_on_from.number
$$;
