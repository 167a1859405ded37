-- What the doors refused: a row for each count of a tally. `cpas` is the emitter, whatever its kind, or `unknown`;
-- `first_number` to `last_number` are the refusals of `service` that the whole tally covers.
-- What was refused to test CPAS counts in no figure, like all that they send.

-- [facts] door.tallied

-- [table]
create table refusal_tally (
  like version including defaults,
  service      text not null,
  first_number bigint not null,
  last_number  bigint not null,
  rule         text not null,
  refused      bigint not null
);

-- [rows]
insert into refusal_tally
       (first_id, event_id, from_position, noted_on, occurred_on, cpas,
        service, first_number, last_number, rule, refused)
select v.first_id, v.event_id, v.from_position, v.noted_on, v.occurred_on,
       refused.count->>'emitter',
       v.source,
       (v.payload->>'first')::bigint,
       (v.payload->>'last')::bigint,
       refused.count->>'rule',
       (refused.count->>'count')::bigint
  from versions as v
 cross join lateral jsonb_array_elements(v.payload->'counts') as refused (count)
 where not starts_with(refused.count->>'emitter', 'test-');

-- [indexes]
create index on refusal_tally (from_position);
create index on refusal_tally (first_id);
