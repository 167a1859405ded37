-- What changed between two positions, as it was once answered, so that who asks the same again need not wait: a cache.
-- Both positions are fixed, so an answer holds for ever: by the same definitions and code (`made_by`), of the same facts
-- (`kept.generation`). By edition and question a row; `number` tells which answers are the oldest.
--
-- Answers may name single women, under pseudonyms, and events. So a retirement deletes all of them (`kept.forget_diffs`),
-- whatever edition they are of, and whoever keeps one waits for it and finds that the facts are others (`kept.keep_diff`).
-- Unlogged: after a crash it is empty, and what it held is computed again.
create unlogged table kept.diff (
  edition  text   not null,
  question text   not null,
  made_by  text   not null,
  facts    text   not null,
  number   bigint not null generated always as identity,
  answer   text   not null,
  primary key (edition, question, made_by)
);
create index diff_number on kept.diff (number);

grant select on kept.diff to {app};

-- Keep an answer that was computed from the facts of that generation; not where they are others by now. Of all answers
-- the newest `most` are kept, and none that were computed from other facts.
create function kept.keep_diff(
  edition text, question text, made_by text, facts text, answer text, most integer
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  _kept boolean;
begin
  -- One at a time, and none beside a retirement: it deletes what was kept before, and is seen by what is kept after.
  lock table kept.diff in share update exclusive mode;
  insert into kept.diff as d (edition, question, made_by, facts, answer)
  select keep_diff.edition, keep_diff.question, keep_diff.made_by, keep_diff.facts, keep_diff.answer
   where keep_diff.facts = kept.generation()
      on conflict on constraint diff_pkey do update
     set facts = excluded.facts, answer = excluded.answer, number = default;
  _kept := found;
  delete from kept.diff
   where diff.facts <> kept.generation()
      or diff.number <= (select max(newest.number) - keep_diff.most from kept.diff as newest);
  return _kept;
end $$;

-- Delete all answers; whoever is keeping one waits until the caller's transaction ends.
create function kept.forget_diffs() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  lock table kept.diff in share update exclusive mode;
  delete from kept.diff;
end $$;

revoke all on function kept.keep_diff(text, text, text, text, text, integer), kept.forget_diffs() from public;
grant execute on function kept.keep_diff(text, text, text, text, text, integer), kept.forget_diffs() to {app};
