"""figures.json: the report at every level as `miriam report --json` gives it, each figure on a line of its own."""

from collections.abc import Iterable, Iterator
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_reporting.audit.bundle.scope import Scope
from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.model import LEVELS, Figure, Report, TreeHead


def scoped(connection: Connection, edition: str, position: int, scope: Scope, codes: Iterable[str]) -> Report:
    """The report at the levels that the scope can show. Raises as `compute` does."""
    if scope.kind != "cpas":
        return compute(connection, edition, position, LEVELS, tuple(codes))
    found = compute(connection, edition, position, ("cpas",), tuple(codes))
    return Report(edition, position, [each for each in found.figures if _is_own(each, scope.cpas)])


def _is_own(figure: Figure, cpas: str) -> bool:
    # A part of D01 stands wherever any CPAS has a row of it; a CPAS alone shows those that its own rows make.
    elsewhere = figure.code == "D01" and figure.part != "" and figure.numerator == 0
    return figure.by.get("cpas") == cpas and not elsewhere


def lines(report: Report, head: TreeHead) -> Iterator[bytes]:
    """The lines of the file: one JSON object, keys sorted."""
    told: dict[str, Any] = {
        "as_of": report.position,
        "checkpoint": head.as_json(),
        "definitions": report.definitions,
        "edition": report.edition,
    }
    yield canonical(told)[:-1] + b',"figures":['
    yield from _listed(each.as_json() for each in report.figures)
    yield b'],"overlaps":['
    yield from _listed(each.as_json() for each in report.overlaps)
    yield b'],"position":%d}' % report.position


def _listed(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    before: bytes | None = None
    for item in items:
        if before is not None:
            yield before + b","
        before = canonical(item)
    if before is not None:
        yield before
