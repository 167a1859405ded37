-- code: D06
-- name: re_entries
-- version: 1
-- en: Re-entries, moves, persons without number
-- fr: Retours, déménagements, personnes sans numéro
-- nl: Terugkeer, verhuizing, personen zonder nummer
-- de: Rückkehr, Umzug, Personen ohne Nummer
-- source: one woman counts once in an edition, also when she leaves and comes back or moves
-- rule: women with two valid enrolments in one CPAS, in two CPAS, or none under a number / women with a valid enrolment

-- [own] kind = re_entry | move | without_number
-- kind: share
-- unit: %
-- each: woman
with enrolment as (
  select woman, cpas, count(*) as times, bool_and(person_known_by = 'none') as nameless
    from participation_at
   where spot is not null
   group by woman, cpas
), habit as (
  select woman, max(times) >= 2 as re_entry, count(*) >= 2 as move, bool_and(nameless) as without_number
    from enrolment
   group by woman
)
select v.kind as category, e.places, e.woman as unit, e.event_id, e.position,
       case when v.found then 'numerator' else 'denominator' end as counted, null::text as reason
  from habit as h
 cross join lateral (
         values ('re_entry', h.re_entry), ('move', h.move), ('without_number', h.without_number)
       ) as v (kind, found)
  join first_enrolment_at as e using (woman)
