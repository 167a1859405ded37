-- An erasure looks for what was refused of a woman, also for what was emptied before: a mark is left of it.
drop index if exists door.refusal_subject;
create index if not exists refusal_of_subject on door.refusal (subject) where subject is not null;
