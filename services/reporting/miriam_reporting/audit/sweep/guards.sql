-- Guards that are missing: triggers that refuse change, keys that refuse a number twice, rights that nobody may have.
select format('trigger %s of ledger.%s is not there, or does not fire', wanted.trigger, wanted.relation)
  from (values ('leaf', 'leaf_is_immutable'), ('leaf', 'leaf_is_not_truncated'),
               ('tile', 'tile_is_immutable'), ('tile', 'tile_is_not_truncated'),
               ('checkpoint', 'checkpoint_is_immutable'), ('checkpoint', 'checkpoint_is_not_truncated'),
               ('cosignature', 'cosignature_is_immutable'), ('cosignature', 'cosignature_is_not_truncated'),
               ('retirement', 'retirement_is_immutable'), ('retirement', 'retirement_is_not_truncated'),
               ('wipe', 'wipe_is_immutable'), ('wipe', 'wipe_is_not_truncated'),
               ('alarm', 'alarm_is_immutable'), ('alarm', 'alarm_is_not_truncated')) as wanted (relation, trigger)
 where not exists (
         select from pg_trigger
          where pg_trigger.tgrelid = format('ledger.%I', wanted.relation)::regclass
            and pg_trigger.tgname = wanted.trigger
            and pg_trigger.tgenabled in ('O', 'A'))
union all
select format('ledger.leaf has no key over (%s)', wanted.columns)
  from (values ('position'), ('source, sequence'), ('event_id')) as wanted (columns)
 where not exists (
         select from pg_index
          where pg_index.indrelid = 'ledger.leaf'::regclass
            and pg_index.indisunique and pg_index.indisvalid and pg_index.indpred is null
            and wanted.columns = (
                  select string_agg(pg_attribute.attname::text, ', ' order by keys.place)
                    from unnest(pg_index.indkey) with ordinality as keys (number, place)
                    join pg_attribute on pg_attribute.attrelid = pg_index.indrelid
                                     and pg_attribute.attnum = keys.number))
union all
select format('%s may %s ledger.%s', current_user, lower(forbidden.privilege), forbidden.relation)
  from (select relation.name, privilege.name
          from (values ('leaf'), ('head'), ('source'), ('tile'), ('checkpoint'), ('cosignature'), ('milestone'),
                     ('retirement'), ('wipe'))
            as relation (name),
               (values ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) as privilege (name)
       ) as forbidden (relation, privilege)
 where has_table_privilege(current_user, format('ledger.%I', forbidden.relation), forbidden.privilege)
   -- An owner may do anything; what he must not do by mistake the triggers refuse.
   and not pg_has_role(current_user,
                       (select relowner from pg_class where oid = format('ledger.%I', forbidden.relation)::regclass),
                       'MEMBER')
