"""What a page is given, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from miriam_platform.pool import Pool
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.web.languages import Format, Words
from miriam_reporting.web.remembered import Remembered
from miriam_reporting.web.roles import Viewer
from miriam_reporting.web.settings import Settings
from miriam_reporting.web.view import View

# What one file holds: more than that is asked for in parts.
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as pages see it: who asks, in which language, with what; and the database to answer from, with the
    editions that stay laid out for evidence, and the reports of the past that were asked for lately.

    `purpose` is why data of single women are looked at; None on pages that show none. `exporting`: the answer is a file
    of every row, not a page of them.
    """

    viewer: Viewer
    database: Pool
    layouts: Layouts
    remembered: Remembered
    language: str
    words: Words
    args: MultiDict[str, str]
    form: MultiDict[str, str]
    settings: Settings
    purpose: str | None = None
    exporting: bool = False

    def at_once(self, rows: int) -> int:
        """How many rows of a list are given: `rows`, the length of a page; of an export as many as it may have, and one
        by which it is seen to be longer.
        """
        return MOST_ROWS + 1 if self.exporting else rows

    @property
    def _(self) -> Callable[[str], str]:
        """The text in the reader's language."""
        return self.words.gettext

    @property
    def ngettext(self) -> Callable[[str, str, int], str]:
        """The text of one or of many, in the reader's language."""
        return self.words.ngettext

    @property
    def format(self) -> Format:
        """Numbers and dates in the reader's language."""
        return Format(self.language)


@dataclass(frozen=True)
class Page:
    """A template, what it shows as tables, and what else it needs."""

    template: str
    view: View
    more: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    def __init__(self, template: str, view: View, *, status: int = 200, **more: Any) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "view", view)
        object.__setattr__(self, "more", more)
        object.__setattr__(self, "status", status)
