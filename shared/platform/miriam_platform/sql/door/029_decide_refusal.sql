-- An operator has a refused message tried again ('asked') or gives it up ('discarded', its payload emptied);
-- answers whether it was kept.
create or replace function door.decide_refusal(number bigint, decision text)
returns boolean
language sql as $$
  with decided as (
    update door.refusal
       set status = decide_refusal.decision,
           payload = case when decide_refusal.decision = 'discarded' then '' else refusal.payload end
     where refusal.number = decide_refusal.number
       and refusal.status = 'kept'
    returning 1
  )
  select exists (select from decided)
$$;
