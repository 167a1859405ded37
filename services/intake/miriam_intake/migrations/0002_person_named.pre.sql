-- Which version of which enrolment names which woman: the way from a person to her participations. It is filled by the
-- transaction that records the enrolment, and can be deleted: a row is no more than the event itself says, but finding
-- it there would mean reading every event.
create table person.named (
  number        bigint generated always as identity primary key,
  event_id      uuid   not null unique,
  participation text   not null,
  person        text   not null check (person ~ '^prs-[0-9a-f]{32}$')
);

create index named_person on person.named (person);
create index named_participation on person.named (participation, number);

-- Notes that this version of an enrolment names this woman; noted twice it is noted once.
create function person.name(event_id uuid, participation text, person text)
returns void
language sql as $$
  insert into person.named (event_id, participation, person)
  values (name.event_id, name.participation, name.person)
      on conflict on constraint named_event_id_key do nothing
$$;

-- The woman of a participation, by the last version of its enrolment; null where none was recorded.
create function person.of_participation(participation text)
returns text
language sql stable as $$
  select named.person
    from person.named
   where named.participation = of_participation.participation
   order by named.number desc
   limit 1
$$;

-- Her participations, by the last version of their enrolments.
create function person.participations_of(person text)
returns setof text
language sql stable as $$
  select distinct named.participation
    from person.named
   where named.person = participations_of.person
     and person.of_participation(named.participation) = participations_of.person
   order by named.participation
$$;

-- Destroys what leads to a woman: the way from her number to her events, and the blocks of enrolments that named her by
-- a mistake since corrected. Answers her participations, for their keys to be destroyed; `asked`, the one through which
-- she asked, is hers where no enrolment says whose it is.
--
-- The mapping goes first: an enrolment under way holds its row, so what is read afterwards is complete.
create function person.erase(person text, asked text)
returns setof text
language plpgsql as $$
declare
  _hers text[];
begin
  delete from person.mapping where mapping.person = erase.person;

  _hers := array(select person.participations_of(erase.person));
  if erase.asked is not null and person.of_participation(erase.asked) is null then
    _hers := array_append(_hers, erase.asked);
  end if;

  delete from sealed.block
   using person.named
   where named.event_id = block.event_id
     and named.person = erase.person
     and named.participation <> all (_hers);
  delete from person.named where named.person = erase.person;

  return query
  select distinct hers.participation from unnest(_hers) as hers (participation)
   order by hers.participation;
end $$;

-- What was recorded before this table was there, in the order in which it was recorded.
insert into person.named (event_id, participation, person)
select stated.id, stated.payload ->> 'participation', stated.payload ->> 'person'
  from (
    select event.sequence, event.id,
           case event.type
             when 'miriam.participation.enrolled.v1' then event.body::jsonb -> 'data'
             else event.body::jsonb -> 'data' -> 'replacement'
           end as payload
      from event_store.event
     where event.type in ('miriam.participation.enrolled.v1', 'miriam.participation.corrected.v1')
  ) as stated
 where stated.payload ->> 'person' is not null
 order by stated.sequence;

revoke all on all functions in schema person from public;
grant select, insert, delete on person.named to {app};
grant execute on all functions in schema person to {app};
