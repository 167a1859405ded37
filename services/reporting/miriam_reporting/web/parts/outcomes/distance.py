"""The distance travelled: the mean of each domain at the start and at the end, and the change of the women who answered
both times.
"""

from collections.abc import Mapping
from decimal import Decimal

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.numbers.asking import Spread, spread
from miriam_reporting.web.parts.outcomes.numbers import drawable, ends, evidence, plain, value, withheld
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.intervals import Interval, of_mean
from miriam_reporting.web.plots.pairs import Names, Pair, pairs
from miriam_reporting.web.view import WITHHELD, Cell, Column, Table

DISTANCE = ("I06",)
Spreads = Mapping[str, Spread]
_NUMBERS = ("pairs", "start", "end", "change", "change_low", "change_high", "effect")


def spreads(scene: Scene) -> Spreads:
    """The spread of the scores at the place, by domain."""
    place, edition, as_of = scene.place, scene.report.edition, scene.numbers_as_of

    def ask(connection: Connection) -> Mapping[tuple[str, str], Spread]:
        return spread(connection, edition, as_of, place.level)

    return {domain: each for (where, domain), each in scene.asked.database.ask(ask).items() if where == place.value}


def distance_table(scene: Scene, known: Spreads) -> Table:
    """Start, end and change by domain; with the intervals of the means where their spreads are known."""
    _ = scene.asked._
    columns = [Column("domain", _("Domain")), Column("pairs", _("Women who answered both times"), "number")]
    for key, title in (("start", _("Start")), ("end", _("End")), ("change", _("Change"))):
        columns.append(Column(key, title, "decimal"))
        if known or key == "change":
            columns.append(Column(f"{key}_low", f"{title} · {_('Lower end (95%)')}", "decimal"))
            columns.append(Column(f"{key}_high", f"{title} · {_('Upper end (95%)')}", "decimal"))
    columns.append(Column("effect", _("Effect size"), "decimal"))
    rows = [_row(scene, figure, known) for figure in scene.here("I06")]
    return Table(
        "distance", _("Satisfaction from 0 to 10, at the start and at the end"), columns, rows, _note(scene, known)
    )


def _note(scene: Scene, known: Spreads) -> str:
    _ = scene.asked._
    change = _(
        "The interval of the change is the mean change plus or minus 1.96 standard errors, as the counting rule says;"
        " the effect size is the mean change divided by the standard deviation of the changes."
    )
    means = _("The intervals of the means at the start and at the end are Student's, over the same women.")
    return f"{change} {means}" if known else change


def _row(scene: Scene, figure: Figure, known: Spreads) -> Mapping[str, Cell]:
    called: dict[str, Cell] = {
        "domain": evidence(scene, figure, word(scene.asked.language, "domain", figure.by["domain"]))
    }
    if figure.withheld:
        return called | dict.fromkeys(_NUMBERS, WITHHELD)
    detail = figure.detail or {}
    cells: dict[str, Cell] = {
        "pairs": figure.denominator,
        "start": _number(detail.get("mean_start")),
        "end": _number(detail.get("mean_end")),
        "change": value(figure),
        "change_low": _number(detail.get("ci_low")),
        "change_high": _number(detail.get("ci_high")),
        "effect": _number(detail.get("effect_size")),
    }
    for key, interval in zip(("start", "end"), _of_means(known.get(figure.by["domain"])), strict=True):
        cells[f"{key}_low"], cells[f"{key}_high"] = ends(interval, 2)
    return called | cells


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _of_means(found: Spread | None) -> tuple[Interval | None, Interval | None]:
    if found is None:
        return None, None
    return of_mean(found.pairs, found.starts, found.start_squares), of_mean(found.pairs, found.ends, found.end_squares)


def distance_picture(scene: Scene, known: Spreads) -> bytes | None:
    """The same as marks and lines; None where no woman answered both times."""
    asked, _ = scene.asked, scene.asked._
    rows = [_pair(scene, figure, known) for figure in scene.here("I06")]
    table = distance_table(scene, known)
    if not drawable(table, "pairs"):
        return None
    said = Said(f"{table.title}: {scene.title}", distance_said(scene))
    named = Names(_("Start"), _("End"), _("Mean change"))
    scales = plain(asked, _("Mean satisfaction, of 10"), 0, 10), plain(asked, _("Points"), None)
    return pairs(said, rows, named, *scales)


def distance_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._(
        "For each domain a circle for the mean at the start and a diamond for the mean at the end, joined by a line;"
        " beside them a square for the mean change. Strokes are the intervals; the line at 0 means no change."
    )


def _pair(scene: Scene, figure: Figure, known: Spreads) -> Pair:
    asked = scene.asked
    label = word(asked.language, "domain", figure.by["domain"])
    if figure.withheld:
        return Pair(label, withheld(asked), withheld(asked), withheld(asked))
    detail = figure.detail or {}
    start, end = _of_means(known.get(figure.by["domain"]))
    change = None
    if detail.get("ci_low") is not None and detail.get("ci_high") is not None:
        change = Interval(float(detail["ci_low"] or 0), float(detail["ci_high"] or 0))
    told = _number(str(figure.value)) if figure.value is not None else None
    sign = "+" if told is not None and told > 0 else ""
    return Pair(
        label,
        Estimate(_float(detail.get("mean_start")), "", start),
        Estimate(_float(detail.get("mean_end")), "", end),
        Estimate(_float(figure.value), f"{sign}{asked.format.number(told)}", change),
    )


def _float(text: str | int | None) -> float | None:
    return None if text is None else float(text)
