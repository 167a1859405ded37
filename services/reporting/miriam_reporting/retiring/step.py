"""One step of retirement: some thousand facts, whose leaves are emptied and whose rows are deleted in one transaction.

Each step finds out anew what is left to do, so it does not matter where an earlier one was killed, what arrived late,
or whether a rebuild filled the tables again meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_reporting.facts.mentions import SUBJECTS
from miriam_reporting.facts.projection import LOCK

BATCH = 2_000
# Facts that others are judged by, whatever project those name: they stay while their participation or group is named
# elsewhere too.
_JUDGED_BY = ("participation", "exit", "assessment", "goal", "referral", "referral_close", "grp", "membership")
# What no figure counts. Attendance stands in the leaf of its group session, and goes with it.
_TABLES = ("participation_event", *(table for table in SUBJECTS if table not in ("attendance", "participation")))
_WITH = {"group_session": ("attendance",)}
_LINKS = "person_link"
_CHANGING = tuple(each.type for each in EVENT_TYPES.values() if each.fact in ("corrected", "retracted"))
# Facts that every edition tells of while nobody has approved their project (D01).
_STRAYS = ("session", "goal", "assessment", "referral", "group_session")
# Told twice, the first hides the others, in D01 too.
_HIDING = ("goal", "assessment", "referral")
_BY_STRAY = "\n                 or o.{subject} in (select s.subject from stray_subject as s)"
_BY_SUBJECT = "\n                 or o.{subject} in (select s.subject from spared_subject as s)"
_STRAY = (
    "not {row}.retracted and not exists (select from approved_project as v"
    " where v.project = {row}.project and v.positions @> int8range({row}.from_position, {row}.until_position))"
)
_STRAY_SUBJECT = """select f.{subject}
  from facts.{table} as f
 where f.project in (select project from retired_project)
   and {stray}"""
_BY_LINK = "\n                 or o.participation in (select s.participation from spared_link as s)"


@dataclass(frozen=True, slots=True)
class Retired:
    """What a step did: `facts` deleted, `leaves` emptied, and whether there is more to do."""

    facts: int
    leaves: int
    more: bool


def retire_step(connection: Connection, maximum: int = BATCH) -> Retired:
    """Empty and delete up to `maximum` facts of retired editions, and commit.

    Does nothing where no edition is retired, and where a rebuild is running, for it could bring back what is deleted
    here: it is called again later.
    """
    with connection, connection.cursor() as cursor:
        # The lock of all who change the facts: so nothing is projected meanwhile that would spare one of these.
        cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        edition = _last_retired(connection)
        if edition is None or _rebuilding(connection):
            return Retired(0, 0, edition is not None)
        cursor.execute("set local client_min_messages = warning")
        cursor.execute(_spared())
        chosen = _choose(connection, maximum)
        leaves = _empty(connection, edition, chosen)
        for table, ids in chosen.items():
            for each in (table, *_WITH.get(table, ())):
                statement = sql.SQL("delete from facts.{} where first_id = any (%s::uuid[])")
                cursor.execute(statement.format(sql.Identifier(each)), (ids,))
        taken = sum(map(len, chosen.values()))
        if taken == 0:
            leaves = _empty_late(connection, edition, maximum)
            _forget(connection)
        return Retired(taken, leaves, taken > 0 or leaves == maximum)


def _choose(connection: Connection, maximum: int) -> dict[str, list[str]]:
    """The oldest facts that go, by table; links before all others, for enrolments tell what a link is about.

    Oldest first, so that what a retirement names lies together, and is found again without looking at many.
    """
    for tables in ((_LINKS,), (*_TABLES, "participation")):
        found: list[tuple[int, str, str]] = []
        for table in tables:
            with connection.cursor() as cursor:
                cursor.execute(_statement(table), {"maximum": maximum})
                found += [(position, table, first_id) for first_id, position in cursor.fetchall()]
        if found:
            break
    chosen: dict[str, list[str]] = {}
    for _, table, first_id in sorted(found)[:maximum]:
        chosen.setdefault(table, []).append(first_id)
    return chosen


def _spared() -> str:
    strays = (
        _STRAY_SUBJECT.format(table=table, subject=SUBJECTS[table], stray=_STRAY.format(row="f"))
        for table in (*_STRAYS, "attendance")
    )
    return _text("spared").replace("{strays}", "\n union\n".join(strays))


def _statement(table: str) -> str:
    if table == _LINKS:
        return _text("links")
    spared = _BY_SUBJECT.format(subject=SUBJECTS[table]) if table in _JUDGED_BY else ""
    if table in _HIDING:
        spared += _BY_STRAY.format(subject=SUBJECTS[table])
    if table in _STRAYS:
        spared += "\n                 or " + _STRAY.format(row="o")
    if table == "participation":
        spared += _BY_LINK
    return _text("facts").replace("{table}", table).replace("{spared}", spared)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")


def _last_retired(connection: Connection) -> str | None:
    """The edition that was retired last, as far as the facts are; what goes now goes because of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select edition from facts.edition_end where fact = 'retired' order by from_position desc limit 1"
        )
        row = cursor.fetchone()
        return str(row[0]) if row else None


def _rebuilding(connection: Connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select to_regnamespace('facts_next') is not null")
        row = cursor.fetchone()
        return bool(row and row[0])


def _empty(connection: Connection, edition: str, chosen: Mapping[str, list[str]]) -> int:
    """Empty the leaves of all versions of these facts."""
    positions: list[int] = []
    with connection.cursor() as cursor:
        for table, ids in chosen.items():
            statement = sql.SQL("select distinct from_position from facts.{} where first_id = any (%s::uuid[])")
            cursor.execute(statement.format(sql.Identifier(table)), (ids,))
            positions += [int(position) for (position,) in cursor.fetchall()]
    return _retire(connection, edition, positions)


def _empty_late(connection: Connection, edition: str, maximum: int) -> int:
    """Empty corrections and retractions that came after their fact was emptied."""
    with connection.cursor() as cursor:
        cursor.execute(_text("late"), {"changing": list(_CHANGING), "maximum": maximum})
        positions = [int(position) for (position,) in cursor.fetchall()]
    return _retire(connection, edition, positions)


def _retire(connection: Connection, edition: str, positions: Sequence[int]) -> int:
    if not positions:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select ledger.retire(%s, %s::bigint[])", (edition, list(positions)))
        row = cursor.fetchone()
        assert row is not None
        # What changed in any edition may have been told with these events.
        cursor.execute("select kept.forget_diffs()")
        return int(row[0])


def _forget(connection: Connection) -> None:
    """What only deleted facts mentioned goes; no figure of the editions is kept, and no body of theirs in an alarm."""
    named = " union ".join(
        f"select project, {column} as subject from facts.{table} where project in (select project from retired_project)"
        for table, column in SUBJECTS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from facts.mention as m where m.project in (select project from retired_project)"
            f" and not exists (select from ({named}) as n where n.project = m.project and n.subject = m.subject)"
        )
        cursor.execute(
            "delete from kept.figures where edition in (select edition from facts.edition_end where fact = 'retired')"
        )
        cursor.execute("select kept.forget_diffs()")
        cursor.execute("select ledger.retire_alarms()")
