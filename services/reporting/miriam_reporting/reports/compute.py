"""Every figure of an edition, as of a position of the ledger."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.figures import figures
from miriam_reporting.reports.model import LEVELS, Figure, Report
from miriam_reporting.reports.snapshot import snapshot
from miriam_reporting.reports.tallies import tally


def compute(
    connection: Connection,
    edition: str,
    as_of: int | None = None,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
) -> Report:
    """The figures of `edition` from leaves 1..`as_of` (default: all that is projected), at the levels asked for.

    `codes` asks for some indicators only. They come by code, level (total, region, cpas, project), level value, part.
    Needs a connection outside a transaction, and leaves it so. Raises UnknownEdition, PositionBeyondHead.
    """
    found: list[Figure] = []
    with snapshot(connection, edition, as_of) as position:
        for indicator in indicators().values():
            if codes is not None and indicator.code not in codes:
                continue
            # The total tells which parts the data hold, so it is always tallied.
            asked = tuple(dict.fromkeys(("total", *levels)))
            tallies = [tally(connection, section, position, asked) for section in indicator.sections]
            found.extend(f for f in figures(indicator, tallies) if _level(f) in levels)
    return Report(edition, position, found)


def _level(figure: Figure) -> str:
    return next((level for level in LEVELS[1:] if level in figure.by), "total")
