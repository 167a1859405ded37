"""A report on one page: its headlines, its pictures, every figure; of an edition as it stands, or of a publication."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.parts.outcomes.numbers import evidence
from miriam_reporting.web.parts.outcomes.places import levels_of
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.telling import figures_table, name_of, written_value
from miriam_reporting.web.view import Cell, Table

# What the first question of a reader is about.
HEADLINES = (
    ("I01", ""),
    ("I02", ""),
    ("I03", ""),
    ("I04", ""),
    ("I08", ""),
    ("I09", "measure=mean_present"),
    ("I10", ""),
    ("I11", "measure=employment_or_training"),
)


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure in large letters: its name, leading to its evidence; its value with the unit; of how many of what."""

    name: Cell
    value: str
    of: str


def headlines(scene: Scene) -> list[Headline]:
    """The headlines of the place."""
    return [
        headline(each, evidence(scene, each, name_of(each, scene.asked.language)), scene.asked)
        for each in shown(scene)
        if (each.code, each.part) in HEADLINES
    ]


def headline(figure: Figure, name: Cell, asked: Asked) -> Headline:
    """A figure as a headline, under this name."""
    return Headline(name, written_value(figure, asked), _of(figure, asked))


def _of(figure: Figure, asked: Asked) -> str:
    """Of how many of what: a press conference asks it next. Empty where a figure is of nothing."""
    if figure.denominator is None or figure.withheld:
        return ""
    ngettext, count = asked.ngettext, figure.denominator
    told = {
        "I01": ngettext("of %(count)s woman enrolled", "of %(count)s women enrolled", count),
        "I02": ngettext("of %(count)s project approved", "of %(count)s projects approved", count),
        "I03": ngettext("of %(count)s CPAS with a project", "of %(count)s CPAS with a project", count),
        "I04": ngettext("of %(count)s woman who answered", "of %(count)s women who answered", count),
        "I09": ngettext("over %(count)s group session", "over %(count)s group sessions", count),
        "I10": ngettext("of %(count)s enrolment", "of %(count)s enrolments", count),
        "I11": ngettext("of %(count)s exit", "of %(count)s exits", count),
    }[figure.code]
    return told % {"count": asked.format.number(count)}


def shown(scene: Scene) -> Sequence[Figure]:
    """Every figure of the place."""
    return [each for each in scene.report.figures if scene.place.holds(each)]


def every_figure(scene: Scene) -> Table:
    """Every figure of the place as a table, each leading to its evidence."""
    found = shown(scene)
    table = figures_table("figures", scene.asked._("Every figure"), found, scene.asked)
    rows = [
        {**row, "figure": evidence(scene, figure, str(row["figure"]))}
        for row, figure in zip(table.rows, found, strict=True)
    ]
    return replace(table, rows=rows)


def levels(scene: Scene) -> list[tuple[str, str]]:
    """The levels at which places can be compared: the name and the address of each."""
    to = scene.addresses
    known = LEVELS[1:] if scene.is_public else levels_of(scene.asked)
    return [(word(scene.asked.language, "level", each), to.of(to.by, level=each)) for each in known]
