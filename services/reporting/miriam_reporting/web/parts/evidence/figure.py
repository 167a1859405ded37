"""A figure: the rule by which it is counted, what was left out and why, its parts; and each event behind it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

from flask import url_for

from miriam_reporting.reports.explain import EvidencePage, explain_page
from miriam_reporting.reports.model import Evidence, Figure
from miriam_reporting.reports.words import label, word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.explained import in_words
from miriam_reporting.web.parts.evidence.leaves import Told, told_of
from miriam_reporting.web.parts.evidence.part import (
    PART,
    READERS,
    ROWS,
    is_anothers,
    is_own_participation,
    page_number,
)
from miriam_reporting.web.parts.evidence.place import Wanted, named, wanted
from miriam_reporting.web.parts.evidence.saying import counts_as
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import name_of, numerator_of, value_of, view_of, written_value
from miriam_reporting.web.view import WITHHELD, Cell, Column, Link, Table

# Rows of a file; a person who wants more of them asks for an audit bundle.
MOST_EXPORTED = 50_000
_SHORT = 12


@PART.page("/editions/<edition>/figures/<code>/rule", roles=READERS)
def definition(asked: Asked, edition: str, code: str) -> Page:
    """How a figure is counted, without a row of any woman. Raises as `wanted` does."""
    found = wanted(asked, edition, code)
    view = view_of(found.report, "definition", _title(asked, found), _tables(asked, found))
    return Page("evidence/definition.html", view, **_more(asked, found))


@PART.page("/editions/<edition>/figures/<code>", roles=READERS, look="evidence")
def figure(asked: Asked, edition: str, code: str) -> Page:
    """A figure with every row behind it, fifty a page. Raises as `wanted` does."""
    found = wanted(asked, edition, code)
    number, size = page_number(asked), MOST_EXPORTED if asked.exporting else ROWS
    evidence = explain_page(
        asked.layouts, edition, code, found.figure.part, found.level, found.value, found.report.position,
        (number - 1) * size, size, asked.viewer.cpas,
    )  # fmt: skip
    told = asked.database.ask(lambda connection: told_of(connection, [row.position for row in evidence.rows]))
    rows = _evidence(asked, found, evidence, told)
    view = view_of(found.report, "figure", _title(asked, found), [*_tables(asked, found), rows])
    pages = max(1, ceil(evidence.count / size))
    return Page("evidence/figure.html", view, number=number, pages=pages, count=evidence.count, **_more(asked, found))


def _title(asked: Asked, found: Wanted) -> str:
    return f"{found.indicator.code} {name_of(found.figure, asked.language)}"


def _more(asked: Asked, found: Wanted) -> Mapping[str, Any]:
    return {
        "found": found,
        "place": named(asked, found.level, found.value),
        "value": written_value(found.figure, asked),
        "numerator": numerator_of(found.figure),
        "once": found.indicator.section_of(found.figure.part).kind in ("share", "count"),
        "words": in_words(found.indicator, asked),
        "rule": _sentence(asked._(found.indicator.rule)),
        "edition": found.report.edition,
        "as_of": _as_of(asked),
        "arguments": {**found.address(), **_as_of(asked)},
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _tables(asked: Asked, found: Wanted) -> list[Table]:
    return [_left_out(asked, found.figure), _parts(asked, found)]


def _left_out(asked: Asked, figure: Figure) -> Table:
    _ = asked._
    columns = [Column("reason", _("Why it was left out")), Column("count", _("How many"), "number")]
    rows: list[Mapping[str, Cell]] = [
        {"reason": word(asked.language, "reason", reason), "count": WITHHELD if figure.withheld else count}
        for reason, count in figure.excluded or ()
    ]
    return Table("excluded", _("Left out"), columns, rows)


def _parts(asked: Asked, found: Wanted) -> Table:
    _ = asked._
    columns = [
        Column("part", _("Part")),
        Column("value", _("Value"), "decimal"),
        Column("unit", _("Unit")),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
        Column("excluded", _("Left out"), "number"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "part": _part_link(asked, found, each),
            "value": value_of(each),
            "unit": word(asked.language, "unit", each.unit),
            "numerator": numerator_of(each),
            "denominator": WITHHELD if each.withheld else each.denominator,
            "excluded": WITHHELD if each.withheld else sum(count for _, count in each.excluded or ()),
        }
        for each in found.parts
    ]
    return Table("parts", _("This figure and its parts"), columns, rows)


def _part_link(asked: Asked, found: Wanted, each: Figure) -> Cell:
    text = label(found.indicator, each.part, asked.language)
    if each.part == found.figure.part:
        return text
    arguments: dict[str, Any] = {**found.where, "part": each.part, **_as_of(asked)}
    return Link(text, url_for("evidence.definition", edition=found.report.edition, code=each.code, **arguments))


def _evidence(asked: Asked, found: Wanted, evidence: EvidencePage, told: Mapping[int, Told]) -> Table:
    _ = asked._
    with_amount = any(row.amount is not None for row in evidence.rows)
    with_part = [] if found.level == "cpas" else [Column("cpas", word(asked.language, "level", "cpas"))]
    columns = [
        Column("counted", _("Counts as")),
        Column("reason", _("Why left out")),
        Column("event", _("Event")),
        Column("on", _("Happened on"), "date"),
        Column("unit", _("What is counted"), "id"),
        Column("participation", _("Participation"), "id"),
        *with_part,
        Column("project", word(asked.language, "level", "project")),
        *([_amount_column(asked, found.figure.unit)] if with_amount else []),
        Column("position", _("Position"), "number"),
    ]
    in_cents = found.figure.unit == "EUR"
    rows = [_evidence_row(asked, row, told.get(row.position), in_cents) for row in evidence.rows]
    return Table("evidence", _("The events behind it"), columns, rows, _noted(asked, found, evidence))


def _amount_column(asked: Asked, unit: str) -> Column:
    """Sums of money are recorded in cents and told in euros; times are recorded, and told, in minutes."""
    title = asked._("Amount")
    if unit == "EUR":
        return Column("amount", title, "money")
    return Column("amount", title, "number", asked._("minutes") if unit == "hours" else "")


def _noted(asked: Asked, found: Wanted, evidence: EvidencePage) -> str:
    if asked.viewer.role is Role.CPAS and found.level == "project":
        return asked._("Rows of other CPAS that carry this project are not shown.")
    if not asked.exporting or evidence.count <= len(evidence.rows):
        return ""
    return asked._("%(shown)s of %(all)s rows; an audit bundle holds them all.") % {
        "shown": asked.format.number(len(evidence.rows)),
        "all": asked.format.number(evidence.count),
    }


def _evidence_row(asked: Asked, row: Evidence, told: Told | None, in_cents: bool) -> Mapping[str, Cell]:
    participation = told.participation if told else None
    counts: dict[str, Cell] = {
        **counts_as(row.counted, row.reason, asked.language),
        "event": _event_link(asked, row, told),
    }
    if told and is_anothers(asked, told.origin) and not is_own_participation(asked, participation):
        # She moved: what counts here of her time there is told by its kind alone, not what it says, nor when or where.
        return counts
    return {
        **counts,
        "on": told.occurred_on if told else None,
        "unit": row.unit if len(row.unit) <= 2 * _SHORT else f"{row.unit[:_SHORT]}…",
        "participation": _participation_link(asked, participation),
        "cpas": row.cpas,
        "project": row.project,
        "amount": Decimal(row.amount) / 100 if in_cents and row.amount is not None else row.amount,
        "position": row.position,
    }


def _event_link(asked: Asked, row: Evidence, told: Told | None) -> Cell:
    """The event by its name; a link, unless another CPAS said it, whose event this reader could not open."""
    name = told.title(asked.language) if told else row.event_id
    may_open = told is None or told.origin == f"/cpas/{asked.viewer.cpas}" or told.origin.startswith("/authority/")
    if asked.viewer.role is Role.CPAS and not may_open:
        return name
    return Link(name, url_for("evidence.event", event=row.event_id))


def _participation_link(asked: Asked, participation: str | None) -> Cell:
    """A link, unless it is of another CPAS, whose course this reader could not open."""
    if participation is None or not is_own_participation(asked, participation):
        return participation
    return Link(participation, url_for("evidence.course", participation=participation))


def _as_of(asked: Asked) -> dict[str, str]:
    return {"as_of": asked.args["as_of"]} if asked.args.get("as_of") else {}


__all__: Sequence[str] = ("MOST_EXPORTED", "definition", "figure")
