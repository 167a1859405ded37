"""View 7: corrections and retractions: who, when, why, and each value before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from itertools import groupby
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.upcasting import newest, version_of
from miriam_reporting.audit.views.model import Answer, Cell, Question, View, columns, plain
from miriam_reporting.audit.views.statements import parameters, text_of
from miriam_reporting.reports.snapshot import snapshot

_COLUMNS = columns(
    "kind+=change_kind, fact+=fact, subject+, cpas, version+, by+, noted_at+, recorded_at, reason+=correction_reason,"
    " field+, before+, after+, first_id, event_id, position"
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A payload, and the version of the fact that it keeps the contract of; none after a retraction."""

    family: str = ""
    fact: str = ""
    version: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)


def _answer(connection: Connection, asked: Question) -> Answer:
    statement = text_of("corrections")
    with snapshot(connection, asked.edition, asked.as_of, [statement]) as position, connection.cursor() as cursor:
        cursor.execute(statement, parameters(asked, position))
        found = [row for _, versions in groupby(cursor, key=lambda row: row[0]) for row in _changes(list(versions))]
    rows = [row for cpas, row in found if asked.cpas in (None, cpas)]
    return Answer(position, sorted(rows, key=lambda row: (row[-1], row[9])))


def _changes(versions: list[tuple[Any, ...]]) -> Iterator[tuple[str | None, tuple[Cell, ...]]]:
    """A row for each value that a change of one fact changed; one without values for a change that changed none."""
    before = _Told()
    name = f"{versions[0][1]}.{versions[0][5]}"
    cpas = next((version[12] for version in reversed(versions) if version[12]), None)
    for number, version in enumerate(versions, 1):
        first_id, family, payload, event_id, position, kind, by, subject, at, recorded, _, reason, _, type_ = version
        # A retraction has no payload: nothing stands after it.
        after = _Told(family, versions[0][5], version_of(type_), payload) if payload else _Told()
        if number > 1:
            old, new = _comparable(before, after)
            fields = [each for each in sorted({*old, *new}) if old.get(each) != new.get(each)]
            for each in fields or [""]:
                values = (old.get(each), new.get(each))
                told = (kind, name, subject, cpas, number, by, at, recorded, reason, each, *values)
                yield cpas, (*told, first_id, event_id, position)
        before = after


def _comparable(before: _Told, after: _Told) -> tuple[Mapping[str, Cell], Mapping[str, Cell]]:
    """The values of both as they were told; in the newest version where they were told in two, so that fields agree."""
    if before.payload and after.payload and before.version != after.version:
        before, after = (replace(each, payload=newest(*astuple(each))) for each in (before, after))
    return dict(leaves(before.payload)), dict(leaves(after.payload))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Cell]]:
    """The values of a payload by path: `scores/housing/score`. A list of women is one value, joined by spaces."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name}" if path else name)
    elif isinstance(value, list):
        yield path, " ".join(map(str, value))
    else:
        yield path, plain(value)


VIEW = View(7, "corrections", _COLUMNS, _answer)
