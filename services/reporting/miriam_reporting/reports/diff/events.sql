-- Leaves, each with the fact that it states or changes and the keys of what it is about:
--   w: a participation   g: a group   p: a project   k: a consortium   c: a CPAS   e: an edition
-- A correction is about what it says now and about what the first event said, a retraction about the latter.
with leaf as (
  select l.event_id, l.position, l.type, split_part(l.type, '.', 2) as family,
         coalesce(l.data->'data'->>'fact', split_part(l.type, '.', 3)) as fact,
         (l.data->>'time')::timestamptz as at,
         coalesce(l.data->'data'->'replacement', l.data->'data') as said,
         coalesce(l.data->'data'->>'corrects', l.data->'data'->>'retracts')::uuid as changes
    from ledger.counted as l
   where {where}
), stated as (
  select leaf.*, first.data->'data' as first_said
    from leaf
    left join ledger.leaf as first on first.event_id = leaf.changes
), keyed as (
  select s.event_id, s.position, s.type, s.family || '.' || s.fact as kind, coalesce(s.changes, s.event_id) as first_id,
         (s.at at time zone 'Europe/Brussels')::date as noted_on, (s.said->>'occurred_on')::date as occurred_on,
         array(
           select distinct key
             from (values (s.said), (s.first_said)) as v (said)
            cross join lateral (
                    values ('w:' || (v.said->>'participation')), ('w:' || (v.said->>'other')),
                           ('g:' || (v.said->>'group')), ('p:' || (v.said->>'project')),
                           (case when s.family = 'consortium' then 'k:' || (v.said->>'consortium') end),
                           (case when s.family = 'cpas' then 'c:' || (v.said->>'cpas') end),
                           (case when s.family = 'edition' then 'e:' || (v.said->>'edition') end)
                     union all
                    select 'w:' || jsonb_array_elements_text(v.said->list)
                      from unnest(array['present', 'excused', 'absent']) as lists (list)
                     where s.family = 'groupsession' and jsonb_typeof(v.said->list) = 'array'
                  ) as k (key)
            where key is not null
         ) as keys
    from stated as s
)
select event_id::text, position, type, kind, first_id::text, noted_on, occurred_on, keys
  from keyed
