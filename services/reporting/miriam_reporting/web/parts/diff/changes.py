"""Which figures changed, by how much, and how many of what made them change: counts, and nothing of a single woman."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import url_for

from miriam_reporting.reports.as_of import BadAsOf, NoCheckpointYet
from miriam_reporting.reports.diff.model import Changed, Diff
from miriam_reporting.reports.errors import PositionBeyondHead, UnknownEdition
from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions
from miriam_reporting.web.history import moments
from miriam_reporting.web.parts.diff.part import PART, READERS, Between, between, compared
from miriam_reporting.web.parts.outcomes.places import Names, Place, names
from miriam_reporting.web.telling import name_of, value_of
from miriam_reporting.web.topics import topics
from miriam_reporting.web.unanswered import unanswered
from miriam_reporting.web.view import Cell, Column, Link, Table, View

FIGURES = 50
_ASKED_WRONGLY = (BadAsOf, NoCheckpointYet, PositionBeyondHead, UnknownEdition)


@PART.page("/editions/<edition>/diff", roles=READERS)
def diff(asked: Asked, edition: str) -> Page:
    """What changed between `from` and `to`; before they are chosen, the form to choose them."""
    _ = asked._
    if edition not in {each.id for each in asked.database.ask(editions)}:
        raise UnknownEdition(edition, 0, ())
    when, wrong, pages = between(asked), "", 1
    number = _number(asked.args.get("page", ""))
    view = View("diff", _("What changed in edition %(edition)s") % {"edition": edition}, (), edition=edition)
    if when is not None:
        try:
            found = compared(asked, edition, when, 0, when.levels)
            pages = -(-len(found.figures) // FIGURES)
            view = _view(_page(found, number, asked), when, view.title, asked)
        except _ASKED_WRONGLY as problem:
            wrong = unanswered(problem, asked) or str(problem)
    known = asked.database.ask(lambda connection: moments(connection, edition))
    form: dict[str, Any] = {
        "moments": [(each.as_of, asked.format.date(each.as_of) if each.is_day else "") for each in reversed(known)],
        "given": {name: asked.args.get(name, "") for name in ("from", "to", "by")},
        "levels": [(each, word(asked.language, "level", each)) for each in LEVELS[1:]],
        "page": number,
        "pages": pages,
    }
    more = {
        "edition": edition,
        "when": when,
        "wrong": wrong,
        "topics": topics(asked, edition),
        "causes": _explained(asked),
    }
    return Page("diff/diff.html", view, status=422 if wrong else 200, **form, **more)


def _page(found: Diff, number: int, asked: Asked) -> Diff:
    """So many figures as a page shows; all of them in a file."""
    if asked.exporting:
        return found
    return replace(found, figures=found.figures[(number - 1) * FIGURES : number * FIGURES])


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _explained(asked: Asked) -> list[tuple[str, str]]:
    """Each cause, and what it means."""
    _ = asked._
    known = _("known before, and changed or taken back since")
    told = {
        "new": _("recorded since, in time"),
        "late": _("recorded since, and noted later than the edition allows"),
        "corrected": known,
        "retracted": known,
        "re_matched": _("unchanged itself: what it rests on changed, as an enrolment that arrived"),
    }
    return [(word(asked.language, "cause", cause), means) for cause, means in told.items()]


def _view(found: Diff, when: Between, title: str, asked: Asked) -> View:
    tables = [_figures(found, when, asked), _causes(found, when, asked)]
    head = (found.after.answered or {}).get("checkpoint")
    return View("diff", title, tables, found.edition, found.after.position, when.after, head, found.after.definitions)


def _figures(found: Diff, when: Between, asked: Asked) -> Table:
    _ = asked._
    columns = [
        *_places(when, asked),
        Column("code", _("Code"), "code"),
        Column("figure", _("Figure")),
        Column("before", _("Before"), "decimal"),
        Column("after", _("After"), "decimal"),
        Column("unit", _("Unit")),
        Column("numerator", _("Change of the numerator"), "number"),
        Column("denominator", _("Change of the denominator"), "number"),
        Column("why", _("Why")),
    ]
    called = names(asked)
    rows = [_row(changed, found.edition, when, called, asked) for changed in found.figures]
    told = {"before": asked.format.number(found.before.position), "after": asked.format.number(found.after.position)}
    title = _("Figures that changed between position %(before)s and %(after)s") % told
    return Table("changes", title, columns, rows)


def _row(changed: Changed, edition: str, when: Between, called: Names, asked: Asked) -> Mapping[str, Cell]:
    figure = changed.after
    told: dict[str, Any] = {**when.arguments, "code": figure.code, "part": figure.part or None}
    told |= {name: value for name, value in figure.by.items() if name == figure.level}
    address = url_for("diff.units", edition=edition, **told)
    counts = [
        asked.format.number(part.units) + "\u00a0× " + word(asked.language, "cause", cause)
        for cause, part in changed.causes.items()
    ]
    return {
        "place": _place(figure, called),
        "code": figure.code,
        "figure": Link(name_of(figure, asked.language), address),
        "before": value_of(changed.before),
        "after": value_of(figure),
        "unit": word(asked.language, "unit", figure.unit),
        "numerator": changed.numerator,
        "denominator": changed.denominator,
        "why": ", ".join(counts),
    }


def _causes(found: Diff, when: Between, asked: Asked) -> Table:
    _ = asked._
    columns = [
        *_places(when, asked),
        Column("code", _("Code"), "code"),
        Column("figure", _("Figure")),
        Column("cause", _("Cause")),
        Column("units", _("Women or other units"), "number"),
        Column("numerator", _("Change of the numerator"), "number"),
        Column("denominator", _("Change of the denominator"), "number"),
    ]
    note = _("For counts and sums these parts add up exactly to the change of the figure.")
    return Table("causes", _("Each cause by itself"), columns, [*_cause_rows(found.figures, asked)], note)


def _cause_rows(figures: Sequence[Changed], asked: Asked) -> Iterator[Mapping[str, Cell]]:
    called = names(asked)
    for changed in figures:
        for cause, part in changed.causes.items():
            yield {
                "place": _place(changed.after, called),
                "code": changed.after.code,
                "figure": name_of(changed.after, asked.language),
                "cause": word(asked.language, "cause", cause),
                "units": part.units,
                "numerator": part.numerator,
                "denominator": part.denominator,
            }


def _places(when: Between, asked: Asked) -> list[Column]:
    return [Column("place", word(asked.language, "level", when.by))] if when.by else []


def _place(figure: Figure, called: Names) -> str:
    level = figure.level
    return called.of(Place(level, figure.by.get(level, "")))
