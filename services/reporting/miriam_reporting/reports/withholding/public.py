"""What anybody may see: publications, with what is withheld left out of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.life import archive
from miriam_reporting.reports.life.errors import NeverPublished
from miriam_reporting.reports.life.published import Publication, publications
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding import keeping, rules
from miriam_reporting.reports.withholding.tables import name_of

_TOLD = ("report", "edition", "occurred_on", "position", "root", "digest", "checkpoint", "definitions", "unsigned")
_TOLD_WHERE_GIVEN = ("unsigned_reason", "reason")


class NotForThePublic(ReportError):
    """The report was published before it was worked out what to withhold of one."""

    code = "not_for_the_public"

    def __init__(self, report: str) -> None:
        super().__init__(
            f"{report} was published before small cells were withheld, so the public cannot be given its figures;"
            f" `miriam reopen {report}`, draft and restate it"
        )


@dataclass(frozen=True, slots=True)
class PublicReport:
    """A publication as the public is given it. Of a figure that is withheld nothing is told, and not why.

    `figures` are in the order of reports; what was left out of them by reason is told of none.
    """

    publication: Publication
    figures: Sequence[Figure]

    @property
    def withheld(self) -> int:
        """How many figures are withheld."""
        return sum(figure.withheld for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """As `miriam public REPORT --json` and HTTP give it."""
        figures = [figure.as_json() for figure in self.figures]
        return {**_told(self.publication), "threshold": rules.THRESHOLD, "figures": figures}


def public_report(connection: Connection, report: str, event_id: str | None = None) -> PublicReport:
    """The newest publication of a report, or a certain one, as the public is given it.

    Needs a connection outside a transaction, and leaves it so. Raises NeverPublished, NotForThePublic, Untrue.
    """
    with looking(connection):
        found = [each for each in publications(connection, report=report) if event_id in (None, each.event_id)]
        if not found:
            raise NeverPublished(f"{report} was never published" + (f" as {event_id}" if event_id else ""))
        names = keeping.withheld(connection, found[-1].event_id)
        if names is None:
            raise NotForThePublic(report)
        figures = archive.published_figures(connection, found[-1].event_id, found[-1].data)
    return PublicReport(found[-1], [given(Figure.from_json(each), names) for each in figures])


def public_reports(connection: Connection) -> list[dict[str, Any]]:
    """Every publication that the public is given, oldest first, without figures. Needs a connection as above."""
    with looking(connection):
        found = publications(connection)
        return [_told(each) for each in found if keeping.withheld(connection, each.event_id) is not None]


def given(figure: Figure, withheld: frozenset[str]) -> Figure:
    """A figure as the public is given it."""
    if name_of(figure) in withheld:
        nothing: Mapping[str, Any] = dict.fromkeys(("numerator", "denominator", "value", "detail"))
        return replace(figure, **nothing, excluded=None, withheld=True)
    denominator = figure.denominator if rules.shows_denominator(figure.code) else None
    return replace(figure, denominator=denominator, excluded=None)


def _told(publication: Publication) -> dict[str, Any]:
    data = publication.data
    told = {name: data[name] for name in _TOLD} | {name: data[name] for name in _TOLD_WHERE_GIVEN if name in data}
    return {**told, "event_id": publication.event_id, "restated": publication.restated}
