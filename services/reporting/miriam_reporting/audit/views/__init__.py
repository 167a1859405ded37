"""The ten views that auditors ask for, by number and by name."""

from collections.abc import Mapping

from miriam_reporting.audit.views import corrections, events, indicators, report, sample
from miriam_reporting.audit.views.model import Answer, Cell, Column, Question, View
from miriam_reporting.audit.views.statements import statement_view
from miriam_reporting.reports.errors import ReportError

VIEWS: Mapping[str, View] = {
    view.name: view
    for view in sorted(
        (
            *map(statement_view, ("register", "sessions", "assessments", "irregular", "costs")),
            *(module.VIEW for module in (indicators, events, corrections, report, sample)),
        ),
        key=lambda view: view.number,
    )
}


class UnknownView(ReportError):
    """There is no view of that name or number."""

    code = "unknown_view"

    def __init__(self, asked: str) -> None:
        named = ", ".join(f"{view.number} {view.name}" for view in VIEWS.values())
        super().__init__(f"there is no view {asked}; there are: {named}", list(VIEWS))


def view_of(asked: str) -> View:
    """The view of a name or a number. Raises UnknownView."""
    found = VIEWS.get(asked) or next((view for view in VIEWS.values() if str(view.number) == asked), None)
    if found is None:
        raise UnknownView(asked)
    return found


__all__ = ["VIEWS", "Answer", "Cell", "Column", "Question", "UnknownView", "View", "view_of"]
