"""A diff as it is asked for: between positions or days, of some indicators, with the heads of the tree at both."""

from collections.abc import Sequence
from dataclasses import replace

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.as_of import AsOf, looking, origin, resolve
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.diff.compute import diff
from miriam_reporting.reports.diff.kept import kept_diff
from miriam_reporting.reports.diff.model import Diff, Side
from miriam_reporting.reports.diff.quick import quick_diff
from miriam_reporting.reports.errors import UnknownIndicator
from miriam_reporting.reports.model import Answered, TreeHead

# So many units of each figure are listed unless more are wanted: a long time has very many.
MOST = 1_000


def asked_diff(
    connection: Connection,
    edition: str,
    before: str,
    after: str,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    definitions: Definitions | None = None,
    most: int | None = MOST,
    *,
    may_be_kept: bool = False,
) -> Diff:
    """The diff between what `before` and `after` mean (`reports.as_of`); `definitions` are those of the first;
    `most` units of each figure are listed (None: all). With `may_be_kept` it may be the answer of an earlier asker.

    Needs a connection outside a transaction, and leaves it so. Raises BadAsOf, NoCheckpointYet, UnknownIndicator, and
    what `diff` raises.
    """
    for code in codes or ():
        if code not in indicators():
            raise UnknownIndicator(code, list(indicators()))
    asked = [resolve(connection, text) for text in (before, after)]
    one, other = (each.position or 0 for each in asked)
    by = definitions or current()
    if by is current():
        found = (kept_diff if may_be_kept else quick_diff)(connection, edition, one, other, levels, codes, most)
    else:
        found = diff(connection, edition, one, other, levels, codes, (by, current()), most)
    sides = [_answered(connection, side, each) for side, each in zip((found.before, found.after), asked, strict=True)]
    return replace(found, before=sides[0], after=sides[1])


def _answered(connection: Connection, side: Side, asked: AsOf) -> Side:
    with looking(connection):
        head = TreeHead(origin(connection), side.position, root_at(connection, side.position))
    told = Answered(side.position if asked.asked is None else asked.asked, asked.day, head)
    return replace(side, answered=told.as_json())
