"""The units behind one figure that changed, each with its cause and the events that may have done it."""

from collections.abc import Iterator, Mapping, Sequence

from miriam_reporting.reports.diff.model import Change, Changed, State
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.reports.words import word
from miriam_reporting.web import links
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.diff.part import PART, READERS, between, compared
from miriam_reporting.web.parts.evidence.saying import title as event_title
from miriam_reporting.web.telling import name_of
from miriam_reporting.web.view import Cell, Column, Table, View

MOST = 200


@PART.page("/editions/<edition>/diff/causes", roles=READERS, look="diff")
def units(asked: Asked, edition: str) -> Page:
    """The units of the figure `code` (and `part`, at the place of `cpas`, `project` or `region`), the first 200."""
    _ = asked._
    when, code, part = between(asked), asked.args.get("code", ""), asked.args.get("part", "")
    view = View("diff_units", _("What made a figure change"), (), edition=edition)
    if when is None or not code:
        return Page("diff/causes.html", view, edition=edition, when=when, changed=None, omitted=0)
    level = next((each for each in LEVELS[1:] if asked.args.get(each)), "total")
    found = compared(asked, edition, when, MOST, (level,), (code,))
    value = asked.args.get(level, "")
    changed = next(
        (each for each in found.figures if each.after.part == part and each.after.by.get(level, "") == value), None
    )
    if changed is None:
        raise Unknown(
            f"{code} {part} {value}: this figure is the same at both positions",
            _("This figure is the same at both moments."),
        )
    named = name_of(changed.after, asked.language)
    title = _("Why “%(figure)s” changed") % {"figure": f"{named} · {value}" if value else named}
    head = (found.after.answered or {}).get("checkpoint")
    view = View(
        "diff_units", title, [_table(changed, asked)], edition, found.after.position, when.after, head,
        found.after.definitions,
    )  # fmt: skip
    return Page("diff/causes.html", view, edition=edition, when=when, changed=changed, omitted=changed.omitted.units)


def _table(changed: Changed, asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("unit", _("What is counted"), "id"),
        Column("cause", _("Cause")),
        Column("before", _("Counted before")),
        Column("after", _("Counted after")),
        Column("event", _("Event")),
        Column("position", _("Position"), "number"),
    ]
    return Table("units", _("Each that counts otherwise"), columns, [*_rows(changed.changes, asked)])


def _rows(changes: Sequence[Change], asked: Asked) -> Iterator[Mapping[str, Cell]]:
    """A row for each event of a unit; one without an event for a unit that has none."""
    for change in changes:
        told = _told(change, asked)
        for event in change.events:
            named = event_title(event.type, {}, asked.language)
            yield {**told, "event": links.event(event.event_id, named), "position": event.position}
        if not change.events:
            yield told


def _told(change: Change, asked: Asked) -> Mapping[str, Cell]:
    return {
        "unit": change.unit,
        "cause": word(asked.language, "cause", change.cause),
        "before": _counted(change.before, asked),
        "after": _counted(change.after, asked),
    }


def _counted(state: State, asked: Asked) -> str:
    """How a unit counts: its part of the numerator and of the denominator, or why it is left out."""
    if state.excluded:
        return ", ".join(word(asked.language, "reason", reason) for reason in state.excluded)
    numbers = [asked.format.number(each) for each in (state.numerator, state.denominator) if each is not None]
    if not any((state.numerator, state.denominator, *state.amount)):
        return asked._("not counted")
    return " / ".join(numbers)
