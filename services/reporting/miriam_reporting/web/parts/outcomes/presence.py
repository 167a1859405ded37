"""Group sessions by how many women were present: what lies behind the mean presence."""

from collections.abc import Mapping, Sequence

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.words import unit_of
from miriam_reporting.web.numbers.asking import attendance
from miriam_reporting.web.parts.outcomes.numbers import decimal, drawable, plain
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.bars import Bar, bars
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.view import Cell, Column, Table

# As many bars as are read at a glance.
_MOST = 30
Presence = Sequence[tuple[int, int, int]]  # from so many women to so many, and the group sessions that had them


def presence(scene: Scene) -> Presence:
    """The group sessions of the place, by women present, without a gap from the fewest to the most."""
    edition, as_of, place = scene.report.edition, scene.numbers_as_of, scene.place

    def ask(connection: Connection) -> Mapping[str, Mapping[int, int]]:
        return attendance(connection, edition, as_of, place.level)

    counted = scene.asked.database.ask(ask).get(place.value, {})
    if not counted:
        return []
    first, last = min(counted), max(counted)
    width = -(-(last - first + 1) // _MOST)
    return [
        (low, low + width - 1, sum(counted.get(each, 0) for each in range(low, low + width)))
        for low in range(first, last + 1, width)
    ]


def presence_table(scene: Scene, found: Presence) -> Table:
    """A row for each number of women, or range of them."""
    _ = scene.asked._
    every = sum(sessions for _low, _high, sessions in found)
    rows: list[Mapping[str, Cell]] = [
        {"women": _named(low, high), "sessions": sessions, "share": decimal(100 * sessions / every, 1)}
        for low, high, sessions in found
    ]
    columns = [
        Column("women", _("Women present")),
        Column("sessions", _("Group sessions"), "number"),
        Column("share", _("Share"), "percent"),
    ]
    return Table("presence", _("Group sessions by the number of women present"), columns, rows)


def presence_picture(scene: Scene) -> bytes | None:
    """The same as bars."""
    found, asked = presence(scene), scene.asked
    table = presence_table(scene, found)
    if not drawable(table, "sessions"):
        return None
    said = Said(f"{table.title}: {scene.title}", presence_said(scene))
    rows = [
        Bar(
            f"{_named(low, high)} {unit_of('women', high, asked.language)}",
            Estimate(sessions, asked.format.number(sessions)),
        )
        for low, high, sessions in found
    ]
    return bars(said, rows, plain(asked, asked._("Group sessions"), whole=True))


def presence_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._("One bar for each number of women present: how many group sessions had so many.")


def _named(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"
