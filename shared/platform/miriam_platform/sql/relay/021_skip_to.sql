-- The ledger holds every event up to `sequence` already: what was taken back from it need not be published again.
create or replace function relay.skip_to(sequence bigint)
returns void
language sql as $$
  update relay.checkpoint
     set sequence = skip_to.sequence, moved_at = now()
   where checkpoint.sequence < skip_to.sequence
$$;
