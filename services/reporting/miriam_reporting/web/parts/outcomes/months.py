"""The months of an edition: women met for the first time, group sessions, and the women present at them."""

from collections.abc import Mapping, Sequence
from datetime import date

from babel.dates import format_skeleton
from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.numbers.asking import Month, months
from miriam_reporting.web.parts.outcomes.numbers import decimal, drawable, ends, evidence, plain, value
from miriam_reporting.web.parts.outcomes.places import Place
from miriam_reporting.web.parts.outcomes.progress import name
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.intervals import of_mean
from miriam_reporting.web.plots.lines import Line, Panel, lines, panels
from miriam_reporting.web.telling import numerator_of
from miriam_reporting.web.view import WITHHELD, Cell, Column, Table

MONTHS = ("I01", "I09")
NONE = Month(0, 0, 0, 0)
Course = Mapping[str, Month]


def course(scene: Scene) -> Course:
    """The months at the place, without a gap from the first to the last of them."""
    return _without_gaps(_all(scene, scene.place.level).get(scene.place.value, {}))


def regions(scene: Scene) -> Mapping[str, Course]:
    """The months of each region."""
    return _all(scene, "region")


def _all(scene: Scene, level: str) -> Mapping[str, Course]:
    edition, as_of = scene.report.edition, scene.numbers_as_of

    def ask(connection: Connection) -> Mapping[str, Course]:
        return months(connection, edition, as_of, level)

    return scene.asked.database.ask(ask)


def _without_gaps(found: Course) -> Course:
    if not found:
        return {}
    number = [int(month[:4]) * 12 + int(month[5:]) - 1 for month in (min(found), max(found))]
    every = [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(number[0], number[1] + 1)]
    return {month: found.get(month, NONE) for month in every}


def _written(scene: Scene, month: str, skeleton: str = "yMMM") -> str:
    day = date(int(month[:4]), int(month[5:]), 1)
    return str(format_skeleton(skeleton, day, locale=scene.asked.format.locale))


def women_table(scene: Scene, found: Course) -> Table:
    """Women supported: those met for the first time in a month, and all until its end."""
    _ = scene.asked._
    rows: list[Mapping[str, Cell]] = []
    until = 0
    for month, each in found.items():
        until += each.women
        rows.append({"month": _written(scene, month), "new": each.women, "until": until})
    columns = [
        Column("month", _("Month")),
        Column("new", _("Met for the first time"), "number"),
        Column("until", _("Women supported until then"), "number"),
    ]
    return Table("women", _("Women supported, month by month"), columns, rows)


def women_picture(scene: Scene, found: Course) -> bytes | None:
    """The same as a line."""
    asked, _, table = scene.asked, scene.asked._, women_table(scene, found)
    if not drawable(table, "until"):
        return None
    until, counts = 0, []
    for each in found.values():
        until += each.women
        counts.append(Estimate(until, asked.format.number(until)))
    said = Said(f"{table.title}: {scene.title}", women_said(scene))
    ticks = [_written(scene, month, "yMM") for month in found]
    return lines(said, ticks, [Line("", counts)], plain(asked, _("Women supported until then"), whole=True))


def women_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._("A line over the months of the edition: how many women had been met at least once.")


def groups_table(scene: Scene, found: Course) -> Table:
    """Group sessions by month, and how many women were present at one, on average."""
    _ = scene.asked._
    rows: list[Mapping[str, Cell]] = []
    for month, each in found.items():
        mean = _mean(each)
        low, high = ends(mean.interval if mean else None, 1)
        rows.append(
            {
                "month": _written(scene, month),
                "sessions": each.sessions,
                "present": each.present,
                "mean": decimal(mean.value, 1) if mean and mean.value is not None else None,
                "low": low,
                "high": high,
            }
        )
    columns = [
        Column("month", _("Month")),
        Column("sessions", _("Group sessions"), "number"),
        Column("present", _("Women present, in all"), "number"),
        Column("mean", _("Present at a session"), "decimal"),
        Column("low", _("Lower end (95%)"), "decimal"),
        Column("high", _("Upper end (95%)"), "decimal"),
    ]
    note = _("Intervals of means are Student's, over the group sessions of the month; a single session has none.")
    return Table("groups", _("Group sessions, month by month"), columns, rows, note)


def _mean(month: Month) -> Estimate | None:
    if not month.sessions:
        return None
    return Estimate(month.present / month.sessions, "", of_mean(month.sessions, month.present, month.squares))


def groups_picture(scene: Scene, found: Course) -> bytes | None:
    """The mean presence by month, with its interval."""
    asked, _, table = scene.asked, scene.asked._, groups_table(scene, found)
    if not drawable(table, "sessions"):
        return None
    said = Said(f"{table.title}: {scene.title}", groups_said(scene))
    ticks = [_written(scene, month, "yMM") for month in found]
    means = [_mean(month) for month in found.values()]
    return lines(said, ticks, [Line("", means)], plain(asked, _("Women present at a session")))


def groups_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._(
        "Marks over the months: how many women were present at a group session on average, with the interval."
    )


def regions_picture(scene: Scene, found: Mapping[str, Course]) -> bytes | None:
    """The same for each region, beside each other on one scale."""
    every = sorted({month for course in found.values() for month, each in course.items() if each.sessions})
    if not every:
        return None
    asked, _ = scene.asked, scene.asked._
    shown = [
        Panel(scene.names.of(Place("region", region)), [Line("", [_mean(course.get(month, NONE)) for month in every])])
        for region, course in found.items()
    ]
    title = _("Presence at group sessions by region")
    ticks = [_written(scene, month, "yMM") for month in every]
    return panels(
        Said(f"{title}: {scene.report.edition}", regions_said(scene)), ticks, shown, plain(asked, _("Women present"))
    )


def regions_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._(
        "A small picture for each region: the mean presence by month with its interval, all on one scale."
    )


def regions_table(scene: Scene, found: Mapping[str, Course]) -> Table:
    """The numbers of that picture: a row for each region and month with a group session."""
    _ = scene.asked._
    rows: list[Mapping[str, Cell]] = [
        {"region": scene.names.of(Place("region", region)), **row}
        for region, course in found.items()
        for row in groups_table(scene, {month: each for month, each in course.items() if each.sessions}).rows
    ]
    columns = [Column("region", word(scene.asked.language, "level", "region")), *groups_table(scene, {}).columns]
    return Table("regions", _("Presence at group sessions by region"), columns, rows)


def attendance_table(scene: Scene) -> Table:
    """The three figures of group attendance."""
    asked, _ = scene.asked, scene.asked._
    shown: Sequence[Figure] = scene.here("I09")
    rows: list[Mapping[str, Cell]] = [
        {
            "figure": evidence(scene, each, name("I09", each.part, asked.language)),
            "value": value(each),
            "unit": word(asked.language, "unit", each.unit),
            "numerator": numerator_of(each),
            "denominator": WITHHELD if each.withheld else each.denominator,
        }
        for each in shown
    ]
    columns = [
        Column("figure", _("Figure")),
        Column("value", _("Value"), "decimal"),
        Column("unit", _("Unit")),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
    ]
    return Table("attendance", _("Group attendance"), columns, rows)
