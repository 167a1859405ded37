"""Every figure of an edition, as of a position of the ledger."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator, Query
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.figures import figures
from miriam_reporting.reports.model import Report
from miriam_reporting.reports.overlaps import overlaps
from miriam_reporting.reports.snapshot import snapshot
from miriam_reporting.reports.tallies import Tallies, statements, tally


def compute(
    connection: Connection,
    edition: str,
    as_of: int | None = None,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    definitions: Definitions | None = None,
) -> Report:
    """The figures of `edition` from leaves 1..`as_of` (default: all that is projected), at the levels asked for.

    `codes` asks for some indicators only, `definitions` for those of another day than this code's. They come by code,
    level (total, region, cpas, project), level value, part. Needs a connection outside a transaction, and leaves it so.
    Raises UnknownEdition, PositionBeyondHead.
    """
    by = current() if definitions is None else definitions
    asked = [each for each in by.indicators.values() if codes is None or each.code in codes]
    wanted = (text for each in asked for text in statements(each))
    # The total tells which parts the data hold, so it is always tallied.
    tallied = tuple(dict.fromkeys(("total", *levels)))
    with snapshot(connection, edition, as_of, wanted, by.standing) as position:
        tallies = [section_tallies(connection, each, position, tallied) for each in asked]
    found = [f for each, counted in zip(asked, tallies, strict=True) for f in figures(each, counted)]
    counted_twice = overlaps(found, by.indicators)
    if "total" not in levels:
        found = [f for f in found if f.level != "total"]
    return Report(edition, position, found, counted_twice, definitions=by.name)


def section_tallies(
    connection: Connection, indicator: Indicator, position: int, levels: Sequence[str], value: str | None = None
) -> list[Tallies]:
    """The tallies of each section of an indicator; sections of one query share them."""
    found: dict[Query, Tallies] = {}
    for section in indicator.sections:
        if section.query not in found:
            found[section.query] = tally(connection, section.query, position, levels, value)
    return [found[section.query] for section in indicator.sections]
