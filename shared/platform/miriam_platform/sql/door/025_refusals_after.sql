-- Refusals behind number `after`, `at_most` of them, counted by emitter and first rule; `last` is the number up to
-- which it counts. The bound keeps a tally of a day of attacks within its contract.
create or replace function door.refusals_after(after bigint, at_most integer)
returns table (emitter text, rule text, count bigint, last bigint)
language sql stable as $$
  select refusal.emitter, refusal.rule, count(*), max(max(refusal.number)) over ()
    from door.refusal
   where refusal.number > refusals_after.after
     and refusal.number <= refusals_after.after + refusals_after.at_most
   group by refusal.emitter, refusal.rule
   order by refusal.emitter, refusal.rule
$$;
