"""The pattern of each publication as it is kept: worked out before it is published, and never again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.definitions import Definitions
from miriam_reporting.reports.life.digests import FiguresJson
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding.places import Places, places_at
from miriam_reporting.reports.withholding.restating import Earlier, earlier
from miriam_reporting.reports.withholding.tables import tables

_NOWHERE = Places({}, {})


@dataclass(frozen=True, slots=True)
class Solved:
    """What is withheld of a publication that would be the `number`th of its edition."""

    edition: str
    number: int
    figures: Sequence[str]


def solved(
    connection: Connection, edition: str, position: int, definitions: Definitions, figures: FiguresJson
) -> Solved:
    """Work out what a publication withholds from the public, beside what the public has of the edition.

    Needs a connection outside a transaction, and leaves it so.
    """
    # Who only reads, or signs, needs no solver: the service does without numpy and scipy.
    from miriam_reporting.reports.withholding.pattern import solve

    known = [Figure.from_json(each) for each in figures]
    places = places_at(connection, edition, position, definitions)
    with looking(connection):
        seen = _seen(connection, edition, definitions)
    pattern = solve(known, places, definitions.indicators, seen)
    return Solved(edition, len(seen) + 1, sorted(pattern.withheld))


def keep(connection: Connection, event_id: str, made: Solved) -> bool:
    """Keep what a publication withholds; False where it is not the next of its edition any more.

    Runs inside the caller's transaction.
    """
    with connection.cursor() as cursor:
        asked = (event_id, made.edition, made.number, list(made.figures))
        cursor.execute("select report.keep_withheld(%s, %s, %s, %s::text[])", asked)
        row: Any = cursor.fetchone()
        return bool(row[0])


def withheld(connection: Connection, event_id: str) -> frozenset[str] | None:
    """The names of the figures that are withheld of a publication; None where none were ever worked out."""
    with connection.cursor() as cursor:
        cursor.execute("select figures from report.withheld where event_id = %s", (event_id,))
        row = cursor.fetchone()
        return None if row is None else frozenset(row[0])


def _seen(connection: Connection, edition: str, definitions: Definitions) -> list[Earlier]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select w.figures, p.figures from report.withheld as w join report.publication as p using (event_id)"
            " where w.edition = %s order by w.number",
            (edition,),
        )
        rows = cursor.fetchall()
    found = []
    for names, text in rows:
        figures = [Figure.from_json(each) for each in orjson.loads(text)]
        # Figures of definitions of another day may have parts that today's do not know.
        figures = [each for each in figures if each.code in definitions.indicators]
        found.append(earlier(tables(figures, _NOWHERE, definitions.indicators), frozenset(names)))
    return found
