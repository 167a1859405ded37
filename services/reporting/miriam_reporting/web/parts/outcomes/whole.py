"""A report on one page: its headlines, its pictures, every figure; of an edition as it stands, or of a publication."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.parts.outcomes.numbers import evidence
from miriam_reporting.web.parts.outcomes.places import levels_of
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.telling import figures_table, name_of, written_value
from miriam_reporting.web.view import Cell, Table

# What the first question of a reader is about.
HEADLINES = ("I01", "I02", "I03", "I04", "I08", "I09", "I10", "I11")


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure in large letters: its name, leading to its evidence; its value with the unit; of how many it is."""

    name: Cell
    value: str
    of: int | None


def headlines(scene: Scene) -> list[Headline]:
    """The headlines of the place."""
    return [
        Headline(
            evidence(scene, each, name_of(each, scene.asked.language)),
            written_value(each, scene.asked),
            each.denominator,
        )
        for each in shown(scene)
        if each.code in HEADLINES and not each.part
    ]


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
