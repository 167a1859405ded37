-- What the data protection officer keeps of persons' requests: one row a step, added and read, nothing else. No name and no
-- number of a person: a request is known by the reference of the officer's own file, a woman by her pseudonym.
create schema privacy;

create table privacy.step (
  id        bigint      generated always as identity primary key,
  reference text        not null check (reference ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
  number    integer     not null check (number > 0),
  step      text        not null check (step in ('received', 'identified', 'extended', 'done', 'refused', 'withdrawn')),
  "on"      date        not null,
  data      jsonb       not null check (jsonb_typeof(data) = 'object' and length(data::text) <= 4000),
  actor     text        not null check (actor ~ '^dpo\.[A-Za-z0-9._@-]{1,64}$'),
  at        timestamptz not null default clock_timestamp(),
  unique (reference, number),
  check ((number = 1) = (step = 'received'))
);

create function privacy.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% of the register of requests is refused: steps are only ever added', lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

create trigger step_is_immutable
  before update or delete on privacy.step
  for each row execute function privacy.refuse_change();

create trigger step_is_not_truncated
  before truncate on privacy.step
  for each statement execute function privacy.refuse_change();

-- Adds the step of that number to a request. Of two who add the same number, the second is refused (unique_violation);
-- so is one that leaves a number out (check_violation).
create function privacy.add_step(reference text, number integer, step text, "on" date, data jsonb, actor text)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if add_step.number > 1 and not exists (
       select
         from privacy.step as former
        where former.reference = add_step.reference and former.number = add_step.number - 1) then
    raise exception 'request % has no step %', add_step.reference, add_step.number - 1 using errcode = 'check_violation';
  end if;
  insert into privacy.step (reference, number, step, "on", data, actor)
  values (add_step.reference, add_step.number, add_step.step, add_step."on", add_step.data, add_step.actor);
end $$;

revoke all on function privacy.refuse_change(), privacy.add_step(text, integer, text, date, jsonb, text) from public;
grant usage on schema privacy to {app};
grant select on privacy.step to {app};
revoke insert, update, delete, truncate on privacy.step from {app};
grant execute on function privacy.add_step(text, integer, text, date, jsonb, text) to {app};
