-- Up to `maximum` refusals of one emitter with numbers beyond `after`, in order; of one event where `emitted_id` is given.
create or replace function door.refusals_of(emitter text, emitted_id text, after bigint, maximum integer)
returns table (number bigint, emitted_id text, subject text, problems jsonb, first_at timestamptz, last_at timestamptz)
language sql stable as $$
  select refusal.number, refusal.emitted_id, refusal.subject, refusal.problems, refusal.first_refused_at,
         refusal.last_refused_at
    from door.refusal
   where refusal.emitter = refusals_of.emitter
     and (refusals_of.emitted_id is null or refusal.emitted_id = refusals_of.emitted_id)
     and refusal.number > refusals_of.after
   order by refusal.number
   limit refusals_of.maximum
$$;
