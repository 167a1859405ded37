"""Progress as the women told it at the end, by domain; and a share at each place."""

from collections.abc import Mapping, Sequence

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import label, word
from miriam_reporting.web.parts.outcomes.numbers import (
    drawable,
    estimate,
    evidence,
    percents,
    share_cells,
    share_columns,
)
from miriam_reporting.web.parts.outcomes.places import WHOLE, Place
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.bars import Bar, bars
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.view import Cell, Column, Table

PROGRESS = ("I04", "I05")
# The shares that can be compared between places: indicator and part.
COMPARED: Sequence[tuple[str, str]] = (
    ("I04", ""),
    ("I07", ""),
    ("I09", "measure=presence_rate"),
    ("I10", ""),
    ("I11", "measure=employment_or_training"),
)


def name(code: str, part: str, language: str) -> str:
    """What a share is called."""
    indicator = indicators()[code]
    return f"{indicator.names[language]} – {label(indicator, part, language)}" if part else indicator.names[language]


def progress_table(scene: Scene) -> Table:
    """The share that told progress: in the personal situation, then by domain."""
    asked, _ = scene.asked, scene.asked._
    rows: list[Mapping[str, Cell]] = [
        {"domain": evidence(scene, figure, _called(scene, figure)), **share_cells(figure)}
        for figure in _progress(scene)
    ]
    columns = [Column("domain", _("Domain")), *share_columns(asked)]
    return Table("progress", _("Women who say that things are better at the end"), columns, rows)


def progress_picture(scene: Scene) -> bytes | None:
    """The same as bars."""
    asked = scene.asked
    rows = [
        Bar(_called(scene, figure), estimate(figure, asked), whole=figure.code == "I04") for figure in _progress(scene)
    ]
    table = progress_table(scene)
    if not drawable(table, "denominator"):
        return None
    said = Said(f"{table.title}: {scene.title}", progress_said(scene))
    return bars(said, rows, percents(asked, asked._("Share of the women who answered")))


def progress_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._(
        "One bar for each domain: the share of the women who say at the end that it is better than at the start, with"
        " its interval. The first bar stands for a better answer in finances, social support, housing or physical"
        " health."
    )


def _progress(scene: Scene) -> list[Figure]:
    return [*scene.here("I04"), *scene.here("I05")]


def _called(scene: Scene, figure: Figure) -> str:
    language = scene.asked.language
    return name("I04", "", language) if figure.code == "I04" else word(language, "domain", figure.by["domain"])


def places_table(scene: Scene, level: str, code: str, part: str, shown: Sequence[Figure]) -> Table:
    """A share at places of a level, each leading to its evidence."""
    asked, language = scene.asked, scene.asked.language
    rows: list[Mapping[str, Cell]] = [
        {
            "place": evidence(scene, figure, scene.names.of(_place(level, figure))),
            "id": figure.by.get(level, ""),
            **share_cells(figure),
        }
        for figure in shown
    ]
    columns = [Column("place", word(language, "level", level)), Column("id", asked._("Code"), "code")]
    return Table("places", name(code, part, language), [*columns, *share_columns(asked)], rows)


def places_picture(scene: Scene, level: str, code: str, part: str, shown: Sequence[Figure]) -> bytes | None:
    """The same as bars, below one of the whole programme."""
    asked = scene.asked
    whole = next((each for each in scene.across("total", code, part)), None)
    rows = [Bar(scene.names.of(WHOLE), estimate(whole, asked), whole=True)] if whole else []
    rows += [Bar(scene.names.of(_place(level, figure)), estimate(figure, asked)) for figure in shown]
    if not drawable(places_table(scene, level, code, part, shown), "denominator"):
        return None
    called = name(code, part, asked.language)
    return bars(Said(f"{called}: {scene.report.edition}", places_said(scene)), rows, percents(asked, called))


def places_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    _ = scene.asked._
    if not any(each.level == "total" for each in scene.report.figures):
        return _("One bar for each place: the share there with its interval.")
    return _("One bar for each place: the share there with its interval. The first bar is the whole programme.")


def _place(level: str, figure: Figure) -> Place:
    return Place(level, figure.by.get(level, ""))
