-- Where a row counts: at its spot's CPAS and project, or at those that it names itself; at the region of that CPAS.
  left join carrier_at as c on c.spot = f.spot
  left join cpas_at as r on r.cpas = coalesce(c.cpas, f.cpas)
 cross join lateral (
         values ('total', ''),
                ('region', case when coalesce(c.cpas, f.cpas) is not null then coalesce(r.region, %(unregistered)s) end),
                ('cpas', coalesce(c.cpas, f.cpas)),
                ('project', coalesce(c.project, f.project))
       ) as l (level, value)
 where l.level = any (%(levels)s) and l.value is not null
   and (%(value)s is null or l.level = 'total' or l.value = %(value)s)
