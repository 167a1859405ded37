-- Refusals behind number `after`, counted by emitter and first rule; `last` is the number up to which it counts.
create or replace function door.refusals_after(after bigint)
returns table (emitter text, rule text, count bigint, last bigint)
language sql stable as $$
  select refusal.emitter, refusal.rule, count(*), max(max(refusal.number)) over ()
    from door.refusal
   where refusal.number > refusals_after.after
   group by refusal.emitter, refusal.rule
   order by refusal.emitter, refusal.rule
$$;
