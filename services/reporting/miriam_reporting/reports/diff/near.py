"""Whom changes between two positions may concern: so that evidence is looked at of these alone.

Two tables of the session: `diff_changed` holds the sessions and group sessions that were changed themselves, or whose
group or place was; `diff_near` the participations that anything was told of, each with all that were ever told to be
the same woman's, by the kind of what was told. Both hold rather too much than too little.
"""

from functools import cache
from importlib import resources

from psycopg2.extensions import connection as Connection

# What was told of a place where somebody is counted: a project, who carries it, a CPAS.
PLACE = "place"
# Facts of a participation, by their kind: the table that holds them.
_OF_PARTICIPATIONS = (
    "participation", "exit", "session", "membership", "assessment", "goal", "referral", "referral_close", "follow_up",
)  # fmt: skip
_ARM = """
select '{kind}', o.first_id, o.participation
  from facts.{kind} as o
 where o.first_id in (
         select f.first_id from facts.{kind} as f where f.from_position > %(after)s and f.from_position <= %(upto)s
       )
"""
# By the days of an edition, and by what it admits, all of its facts are judged.
_OF_THE_EDITION = """
select exists (
         select
           from facts.edition as o
          where o.edition = %(edition)s and o.first_id in (
                  select f.first_id
                    from facts.edition as f
                   where f.from_position > %(after)s and f.from_position <= %(upto)s
                )
       )
"""


def concern_all(connection: Connection, edition: str, after: int, upto: int) -> bool:
    """Whether something was told of the edition itself between the positions: then it may concern everybody."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_THE_EDITION, {"edition": edition, "after": after, "upto": upto})
        row = cursor.fetchone()
        assert row is not None
        return bool(row[0])


def find(connection: Connection, edition: str, after: int, upto: int) -> None:
    """Make the two tables, in a session where `participation_at` is laid out at one of the positions."""
    arms = " union".join(_ARM.replace("{kind}", kind) for kind in _OF_PARTICIPATIONS)
    with connection.cursor() as cursor:
        cursor.execute(_text().replace("{arms}", arms), {"edition": edition, "after": after, "upto": upto})


@cache
def _text() -> str:
    return resources.files(__package__).joinpath("near.sql").read_text("utf-8")
