-- An erasure looks for what was refused of a woman.
create index if not exists refusal_subject on door.refusal (subject) where payload <> '';
