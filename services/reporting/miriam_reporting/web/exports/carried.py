"""What every export carries beside its tables: its position, checkpoint and definitions, and what withheld means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.as_of import looking, origin
from miriam_reporting.reports.definitions import CURRENT, Definitions, current
from miriam_reporting.reports.life.published import published_definitions
from miriam_reporting.reports.model import TreeHead
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.editions import Edition, editions
from miriam_reporting.web.languages import LANGUAGES
from miriam_reporting.web.view import Cell, Table, View, Withheld, plain

_CODE = re.compile(r"[ID][0-9]{2}", re.ASCII)
_REACHED = "select position from facts.checkpoint"


@dataclass(frozen=True)
class Carried:
    """A view made whole for an export: it has a position, a checkpoint and definitions.

    `reached`: the view told no position, so it has that of the ledger at the export. `edition` is the view's, as the
    authority opened it; None where the view is of none, or it is not there any more.
    """

    view: View
    definitions: Definitions
    reached: bool
    asked: Asked
    edition: Edition | None = None

    @cached_property
    def figures(self) -> Sequence[Indicator]:
        """The indicators that the view shows, in the order of reports."""
        shown = set(self.view.figures)
        for table in self.view.tables:
            keys = [each.key for each in table.columns if each.kind == "code"]
            shown |= {str(plain(row.get(key))) for row in table.rows for key in keys}
        known = self.definitions.indicators
        return [known[code] for code in known if code in {each for each in shown if _CODE.fullmatch(each)}]

    @cached_property
    def withholds(self) -> bool:
        """Whether a number of it is withheld."""
        return any(isinstance(plain(cell), Withheld) for table in self.view.tables for cell in _cells(table))

    @cached_property
    def lines(self) -> Sequence[tuple[str, str]]:
        """Of what it is, as pairs of a name and a value in the reader's language."""
        return [(name, value) for name, value in self._lines() if value]

    def _lines(self) -> Iterator[tuple[str, str]]:
        _, view = self.asked._, self.view
        head: Mapping[str, object] = view.checkpoint or {}
        yield _("Content"), view.title
        yield _("Edition"), view.edition or ""
        if self.edition:
            yield _("Name"), self.edition.name
            days = (self.asked.format.date(day) for day in (self.edition.starts_on, self.edition.ends_on))
            yield _("Period"), " – ".join(days)
        # A position says it by itself.
        yield _("As of"), self.asked.format.date(view.as_of) if view.as_of and "-" in view.as_of else ""
        at = _("The ledger's position when it was exported") if self.reached else _("Position of the ledger")
        yield at, str(view.position)
        yield _("Checkpoint: log"), str(head.get("origin", ""))
        yield _("Checkpoint: events"), str(head.get("size", ""))
        yield _("Checkpoint: root of the tree"), str(head.get("root", ""))
        named = _("those of today") if self.definitions.name == CURRENT else self.definitions.name
        yield _("Definitions of figures"), named
        yield _("Definitions: SHA-256"), self.definitions.digest
        yield _("Language"), LANGUAGES[self.asked.language]
        for table in view.tables:
            yield table.title, table.note
        if self.withholds:
            yield _("withheld"), _("This number is not shown, so that nobody can be recognised by it. It is not zero.")


def carried(view: View, asked: Asked) -> Carried:
    """The view with all that an export carries. Raises ReportError where its definitions cannot be read."""

    def ask(connection: Connection) -> Carried:
        whole = view
        with looking(connection):
            if view.position is None:
                whole = replace(whole, position=_reached(connection))
            if view.checkpoint is None and whole.position is not None:
                root = root_at(connection, whole.position)
                whole = replace(whole, checkpoint=TreeHead(origin(connection), whole.position, root).as_json())
            edition = next((each for each in editions(connection) if each.id == view.edition), None)
        name = view.definitions or CURRENT
        made_by = current() if name == CURRENT else published_definitions(connection, view.edition or "", name)
        return Carried(replace(whole, definitions=name), made_by, view.position is None, asked, edition)

    return asked.database.ask(ask)


def _reached(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_REACHED)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _cells(table: Table) -> Iterator[Cell]:
    return (row.get(each.key) for row in table.rows for each in table.columns)
