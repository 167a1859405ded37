"""Where the plain consumer takes from and inserts into: apart from it, for it patches the standard library."""

QUEUE = "plain.inbox"
# kombu hands bodies of this type over as they came, as text.
CONTENT_TYPE = "application/data"
TABLE = """
create table event (
  number      bigint      generated always as identity primary key,
  source      text        not null,
  id          text        not null,
  type        text        not null,
  subject     text        not null,
  body        jsonb       not null,
  recorded_at timestamptz not null default clock_timestamp(),
  unique (source, id)
)
"""
