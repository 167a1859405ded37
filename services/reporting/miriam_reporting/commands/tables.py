"""Reports and explanations as tables that a person reads in her own language."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from miriam_cli.output import table
from miriam_contracts import ids
from miriam_reporting.indicators.definitions import Indicator, indicators
from miriam_reporting.reports import Explanation, Figure, Report
from miriam_reporting.reports.definitions import CURRENT
from miriam_reporting.reports.model import Answered, Evidence, Overlap
from miriam_reporting.reports.numbers import rounded
from miriam_reporting.reports.words import label, number, word

_ROWS = 40
_PERSON_SHOWN = 12


def print_report(
    console: Console,
    report: Report,
    by: str | None,
    language: str,
    made_by: Mapping[str, Indicator] | None = None,
    tests: int = 0,
) -> None:
    """The programme's figures in one table; then, where asked, a table an indicator by CPAS, project or region.

    `made_by` are the indicators that it was computed by, where they are not those of this code; `tests` how many leaves
    up to its position test CPAS sent.
    """
    known = indicators() if made_by is None else made_by
    title = word(language, "heading", "report").format(
        edition=report.edition, position=number(report.position, language)
    )
    total = [figure for figure in report.figures if figure.level == "total"]
    rows = (row for figure in total for row in _report_rows(known[figure.code], figure, language))
    console.print(_figures(title, ["", word(language, "heading", "figure")], rows, language))
    if by:
        below = [figure for figure in report.figures if figure.level == by]
        for code, figures in groupby(below, key=lambda figure: figure.code):
            twice = [overlap for overlap in report.overlaps if overlap.code == code]
            _print_by(console, known[code], list(figures), twice, by, language)
    _print_when(console, report.answered, report.definitions, language)
    if tests:
        console.print(word(language, "heading", "tests").format(count=number(tests, language)))
    console.print(escape(word(language, "heading", "why").format(edition=report.edition)))


def _print_by(
    console: Console, indicator: Indicator, figures: Sequence[Figure], twice: Sequence[Overlap], by: str, language: str
) -> None:
    title = f"{indicator.code} {indicator.names[language]}"
    columns = [word(language, "level", by), word(language, "heading", "figure")]
    rows = [
        (
            escape(word(language, by, figure.by[by])),
            escape(label(indicator, figure.part, language)),
            *_cells(indicator, figure, language),
        )
        for figure in figures
    ]
    overlap = f"[italic]{word(language, 'heading', 'overlap')}[/]"
    for each in twice:
        counted = (number(-each.numerator, language), number(_less(each.denominator), language))
        rows.append((overlap, escape(label(indicator, each.part, language)), *counted, "", "", ""))
    console.print(_figures(title, columns, rows, language))


def _short(unit: str) -> str:
    # A random id says nothing by its length, and makes every line two; --json has it whole.
    return f"{unit[:_PERSON_SHOWN]}…" if ids.PERSON_PATTERN.fullmatch(unit) else unit


def _less(counted: int | None) -> int | None:
    return None if counted is None else -counted


def print_explanation(
    console: Console,
    found: Explanation,
    language: str,
    every_row: bool,
    made_by: Mapping[str, Indicator] | None = None,
) -> None:
    """The figure, its rule, and the rows behind it: the first of them, unless every one is wanted.

    `made_by` are the indicators that it was computed by, where they are not those of this code.
    """
    figure = found.figure
    indicator = (indicators() if made_by is None else made_by)[figure.code]
    level = figure.level
    where = word(language, "level", level) + (f" {word(language, level, figure.by[level])}" if level != "total" else "")
    at = f"{found.edition} @ {number(found.position, language)}"
    title = f"{figure.code} {indicator.names[language]} · {where} · {at}"
    part = escape(label(indicator, figure.part, language))
    console.print(
        _figures(title, [word(language, "heading", "figure")], [(part, *_cells(indicator, figure, language))], language)
    )
    console.print(f"[bold]{word(language, 'heading', 'rule')}:[/] {escape(indicator.rule)}")
    if len(found.parts) > 1:
        named = ", ".join(name or "''" for name in found.parts)
        console.print(f"[bold]{word(language, 'heading', 'parts')}:[/] {escape(named)}")
    _print_evidence(console, found, language, every_row)
    _print_when(console, found.answered, found.definitions, language)


def _print_when(console: Console, answered: Answered | None, definitions: str, language: str) -> None:
    """By which head of the ledger, and by whose definitions: what makes the same figures again."""
    if answered is not None and answered.head is not None:
        if answered.day is not None and answered.day != answered.asked:
            told = word(language, "heading", "earlier_day")
            console.print(escape(told.format(asked=answered.asked, day=answered.day)))
        head = answered.head.as_json()
        told = word(language, "heading", "tree_head")
        console.print(
            escape(told.format(origin=head["origin"], size=number(head["size"], language), root=head["root"]))
        )
    if definitions != CURRENT:
        console.print(escape(word(language, "heading", "definitions_of").format(report=definitions)))


def _print_evidence(console: Console, found: Explanation, language: str, every_row: bool) -> None:
    if not found.evidence:
        console.print(word(language, "heading", "nothing"))
        return
    shown = found.evidence if every_row else found.evidence[:_ROWS]
    columns: list[tuple[str, Callable[[Evidence], str]]] = [
        (word(language, "heading", "counted"), lambda row: word(language, "counted", row.counted)),
        (word(language, "heading", "unit"), lambda row: "" if row.unit == row.event_id else escape(_short(row.unit))),
        (word(language, "heading", "event"), lambda row: row.event_id),
        (word(language, "heading", "position"), lambda row: number(row.position, language)),
        (word(language, "level", "cpas"), lambda row: "" if "cpas" in found.figure.by else escape(row.cpas or "")),
        (word(language, "level", "project"), lambda row: escape(row.project or "")),
        (word(language, "heading", "reason"), lambda row: word(language, "reason", row.reason or "")),
        (
            word(language, "heading", "amount"),
            lambda row: "" if row.amount is None else number(row.amount, language),
        ),
    ]
    # A column that tells nothing of these rows would only take the others' room.
    cells = [(heading, [told(row) for row in shown]) for heading, told in columns]
    cells = [(heading, told) for heading, told in cells if any(told)]
    told = word(language, "heading", "rows").format(shown=len(shown), all=len(found.evidence))
    right = (word(language, "heading", "position"), word(language, "heading", "amount"))
    made = table(
        told, [heading for heading, _ in cells], zip(*(column for _, column in cells), strict=True), right=right
    )
    for column in made.columns:
        # An event id is there to be copied.
        column.no_wrap = column.header == word(language, "heading", "event")
    console.print(made)
    if len(shown) < len(found.evidence):
        console.print(word(language, "heading", "all_rows"))


def _figures(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], language: str) -> Table:
    numbers = [word(language, "heading", name) for name in ("numerator", "denominator", "value")]
    headings = [*columns, *numbers, "", word(language, "heading", "excluded")]
    return table(title, headings, rows, right=numbers)


def _report_rows(indicator: Indicator, figure: Figure, language: str) -> Iterator[tuple[str, ...]]:
    part = figure.part
    # An indicator without a part '' begins with a line that only names it.
    if part and part == _first_part(indicator):
        yield (figure.code, f"[bold]{escape(indicator.names[language])}[/]", "", "", "", "", "")
    name = escape(label(indicator, part, language))
    yield (
        figure.code if not part else "",
        f"  {name}" if part else f"[bold]{name}[/]",
        *_cells(indicator, figure, language),
    )


def _cells(indicator: Indicator, figure: Figure, language: str) -> tuple[str, ...]:
    left_out = ", ".join(
        f"{word(language, 'reason', reason)} {number(count, language)}" for reason, count in figure.excluded or ()
    )
    section = indicator.section_of(figure.part)
    numerator: int | str | None = figure.numerator
    if figure.numerator is not None and section.divide > 1:
        # Cents, minutes, days: in the unit of the value, so that numerator / denominator is what stands beside it.
        numerator = rounded(Fraction(figure.numerator, section.divide), 2)
    return (
        number(numerator, language),
        number(figure.denominator, language),
        number(figure.value, language),
        word(language, "unit", figure.unit),
        left_out,
    )


def _first_part(indicator: Indicator) -> str:
    section = indicator.sections[0]
    return section.part(section.categories[0]) if section.categories else ""
