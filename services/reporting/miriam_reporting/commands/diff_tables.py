"""A diff as tables that a person reads in her own language."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from miriam_cli.output import table
from miriam_contracts import ids
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.diff import Change, Changed, Diff
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import label, number, word

_ROWS = 40
_PERSON_SHOWN = 12


def print_diff(console: Console, found: Diff, language: str, every_row: bool) -> None:
    """The figures that changed in one table, and below it the units and events that changed them."""
    title = word(language, "diff", "title").format(
        edition=found.edition,
        before=number(found.before.position, language),
        after=number(found.after.position, language),
    )
    if not found.figures:
        console.print(f"{escape(title)}: {word(language, 'diff', 'nothing')}")
        return
    headings = [word(language, "heading", "figure"), *(word(language, "diff", name) for name in ("before", "after"))]
    columns = ["", *headings, word(language, "diff", "difference"), word(language, "diff", "causes")]
    rows = [_figure(changed, language) for changed in found.figures]
    console.print(table(title, columns, rows, right=[*headings[1:], columns[4]]))
    _print_events(console, found, language, every_row)


def _figure(changed: Changed, language: str) -> tuple[str, ...]:
    indicator = indicators()[changed.after.code]
    place = _place(changed.after, language)
    name = indicator.names[language] if not changed.after.part else label(indicator, changed.after.part, language)
    counted = [
        f"{number(part, language)} {word(language, 'heading', heading).lower()}"
        for part, heading in ((changed.numerator, "numerator"), (changed.denominator, "denominator"))
        if part
    ]
    left_out = [
        f"{number(count, language)} {word(language, 'reason', reason)}"
        for reason, count in sorted(changed.excluded.items())
    ]
    causes = ", ".join(
        f"{word(language, 'cause', cause)} {number(part.units, language)}" for cause, part in changed.causes.items()
    )
    return (
        changed.after.code,
        escape(f"{name}{place}"),
        number(changed.before.value, language),
        number(changed.after.value, language),
        escape(", ".join([*counted, *left_out])),
        causes,
    )


def _print_events(console: Console, found: Diff, language: str, every_row: bool) -> None:
    rows = list(_rows(found, language))
    shown = rows if every_row else rows[:_ROWS]
    columns = [
        "",
        word(language, "heading", "unit"),
        word(language, "heading", "numerator"),
        word(language, "heading", "denominator"),
        word(language, "diff", "cause"),
        word(language, "heading", "event"),
        word(language, "heading", "position"),
    ]
    told = word(language, "diff", "rows").format(shown=len(shown), all=len(rows))
    made = table(told, columns, shown, right=[columns[2], columns[3], columns[6]])
    for column in made.columns:
        # An event id is there to be copied.
        column.no_wrap = column.header == columns[5]
    console.print(made)
    if len(shown) < len(rows):
        console.print(word(language, "heading", "all_rows"))


def _rows(found: Diff, language: str) -> Iterator[tuple[str, ...]]:
    """A row for each event that is named; what its unit adds stands in the first of them."""
    for changed in found.figures:
        where = escape(f"{changed.after.code}{_part(changed.after)}{_place(changed.after, language)}")
        for change in changed.changes:
            unit, added = escape(_short(change.unit)), _added(change, language)
            if not change.events:
                yield (where, unit, *added, word(language, "cause", change.cause), "", "")
            for turn, event in enumerate(change.events):
                cause = word(language, "cause", event.cause)
                told = (cause, event.event_id, number(event.position, language))
                yield (where, unit, *added, *told) if turn == 0 else ("", "", "", "", *told)


def _added(change: Change, language: str) -> tuple[str, str]:
    numerator, denominator = (number(part, language) if part else "" for part in (change.numerator, change.denominator))
    return numerator, denominator


def _place(figure: Figure, language: str) -> str:
    level = figure.level
    return "" if level == "total" else f" · {word(language, level, figure.by[level])}"


def _part(figure: Figure) -> str:
    return f" {figure.part}" if figure.part else ""


def _short(unit: str) -> str:
    # A random id says nothing by its length, and makes every line two; --json has it whole.
    return f"{unit[:_PERSON_SHOWN]}…" if ids.PERSON_PATTERN.fullmatch(unit) else unit
