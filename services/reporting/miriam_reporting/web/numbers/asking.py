"""The numbers of an edition, as of the head or of a position. At the head they are kept, beside the figures, while they
hold: who asks next need not wait.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.reports import kept
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.reports.retired import refuse_retired
from miriam_reporting.reports.snapshot import opened, snapshot
from miriam_reporting.reports.writing import Written

Row = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of pairs of scores: how many, and of either side the sum and the sum of the squares."""

    pairs: int
    starts: int
    start_squares: int
    ends: int
    end_squares: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month: women met for the first time in it, group sessions held, women present, and the sum of their squares."""

    women: int
    sessions: int
    present: int
    squares: int


def spread(connection: Connection, edition: str, as_of: int | None, level: str) -> Mapping[tuple[str, str], Spread]:
    """By level value and domain. As `report` asks for its connection; raises UnknownEdition, PositionBeyondHead."""
    return {
        (str(row[0]), str(row[1])): Spread(*map(int, row[2:]))
        for row in _rows(connection, edition, as_of, level, "spread")
    }


def months(connection: Connection, edition: str, as_of: int | None, level: str) -> Mapping[str, Mapping[str, Month]]:
    """By level value and month (`2023-09`), in order; a month without anything is not there. Raises as `spread`."""
    found: dict[str, dict[str, Month]] = {}
    for value, month, *counted in _rows(connection, edition, as_of, level, "months"):
        found.setdefault(str(value), {})[str(month)] = Month(*map(int, counted))
    return found


def attendance(connection: Connection, edition: str, as_of: int | None, level: str) -> Mapping[str, Mapping[int, int]]:
    """By level value and number of women present: how many group sessions had so many. Raises as `spread`."""
    found: dict[str, dict[int, int]] = {}
    for value, present, sessions in _rows(connection, edition, as_of, level, "attendance"):
        found.setdefault(str(value), {})[int(present)] = int(sessions)
    return found


def _rows(connection: Connection, edition: str, as_of: int | None, level: str, name: str) -> Sequence[Row]:
    if as_of is not None and not kept.is_last_known(connection, edition, as_of):
        _, found = _computed(connection, edition, as_of, name)
        return found[level]
    if (rows := _kept(connection, edition, as_of, level, name)) is None:
        with kept.alone(connection, edition):
            if (rows := _kept(connection, edition, as_of, level, name)) is None:
                facts = kept.generation(connection)
                position, found = _computed(connection, edition, as_of, name)
                if kept.generation(connection) == facts:
                    new = [Written(_key(name), each, orjson.dumps(found[each]).decode(), "") for each in LEVELS]
                    kept.keep(connection, edition, current().digest, facts, position, new)
                rows = found[level]
    return rows


def _kept(connection: Connection, edition: str, as_of: int | None, level: str, name: str) -> Sequence[Row] | None:
    with opened(connection, as_of) as position:
        refuse_retired(connection, edition)
        found = kept.find(connection, edition, current().digest, [_key(name)], [level], position)
    for each in found.values():
        rows: Sequence[Row] = orjson.loads(each.figures)
        return rows
    return None


def _computed(
    connection: Connection, edition: str, as_of: int | None, name: str
) -> tuple[int, Mapping[str, Sequence[Row]]]:
    found: dict[str, list[Row]] = {level: [] for level in LEVELS}
    with snapshot(connection, edition, as_of, [_text(name)]) as position, connection.cursor() as cursor:
        cursor.execute(_text(name))
        for level, *row in cursor:
            found[level].append(row)
    return position, found


@cache
def _text(name: str) -> str:
    return resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")


@cache
def _key(name: str) -> str:
    """Under which code rows are kept: one of its own for each letter of the query, as definitions are for figures."""
    return f"{name}:{hashlib.sha256(_text(name).encode()).hexdigest()[:16]}"
