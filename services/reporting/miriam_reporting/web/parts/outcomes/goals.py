"""Goals: set, reached and given up; by life domain, and by what showed that they were reached."""

from collections.abc import Mapping

from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.parts.outcomes.numbers import (
    count,
    counted,
    drawable,
    estimate,
    evidence,
    percents,
    plain,
    share_cells,
    share_columns,
)
from miriam_reporting.web.parts.outcomes.places import Place
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.bars import Bar, bars
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.stacks import Stack, stacks
from miriam_reporting.web.view import WITHHELD, Cell, Column, Plain, Table

GOALS = ("I07",)
OUTCOMES = ("reached", "abandoned", "open")
OUTCOME_PARTS = tuple(f"outcome={each}" for each in OUTCOMES)


def _parts(scene: Scene, key: str) -> list[Figure]:
    return [each for each in scene.here("I07") if key in each.by]


def _rest(figure: Figure) -> Plain:
    """Goals that were set and not reached."""
    if figure.withheld:
        return WITHHELD
    if figure.denominator is None or figure.numerator is None:
        return None
    return figure.denominator - figure.numerator


def domains_table(scene: Scene) -> Table:
    """Goals by life domain: the share reached, of those set."""
    asked, _ = scene.asked, scene.asked._
    rows: list[Mapping[str, Cell]] = [
        {
            "domain": evidence(scene, each, word(asked.language, "domain", each.by["domain"])),
            **share_cells(each),
            "rest": _rest(each),
        }
        for each in _parts(scene, "domain")
    ]
    columns = [Column("domain", _("Domain")), *share_columns(asked), Column("rest", _("Not reached so far"), "number")]
    return Table("goals", _("Goals reached, of those set, by life domain"), columns, rows)


def domains_picture(scene: Scene) -> bytes | None:
    """How many were set in each domain, and how many of them reached."""
    asked, _ = scene.asked, scene.asked._
    rows = [
        Stack(
            word(asked.language, "domain", each.by["domain"]),
            [counted(count(each), asked), counted(_rest(each), asked)],
        )
        for each in _parts(scene, "domain")
    ]
    table = domains_table(scene)
    if not drawable(table, "denominator"):
        return None
    said = Said(f"{table.title}: {scene.title}", domains_said(scene))
    return stacks(said, [_("Reached"), _("Not reached so far")], rows, plain(asked, _("Goals"), whole=True))


def domains_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._("One bar for each life domain: as long as the goals set in it, the goals reached first.")


def shares_table(scene: Scene) -> Table:
    """The share of goals that were reached: of all, then by life domain."""
    asked, _ = scene.asked, scene.asked._
    whole = scene.one("I07")
    rows: list[Mapping[str, Cell]] = []
    if whole is not None:
        rows.append({"domain": evidence(scene, whole, _("All goals")), **share_cells(whole)})
    rows += domains_table(scene).rows
    columns = [Column("domain", _("Domain")), *share_columns(asked)]
    return Table("goal_shares", _("Share of goals reached, with its interval"), columns, rows)


def shares_picture(scene: Scene) -> bytes | None:
    """The share that was reached in each domain, with its interval."""
    asked, _ = scene.asked, scene.asked._
    whole = scene.one("I07")
    rows = [Bar(_("All goals"), estimate(whole, asked), whole=True)]
    rows += [
        Bar(word(asked.language, "domain", each.by["domain"]), estimate(each, asked))
        for each in _parts(scene, "domain")
    ]
    table = shares_table(scene)
    if not drawable(table, "denominator"):
        return None
    said = Said(f"{table.title}: {scene.title}", shares_said(scene))
    return bars(said, rows, percents(asked, _("Goals reached, of those set")))


def shares_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._("One bar for each life domain: the share of its goals that was reached, with its interval.")


def outcomes_table(scene: Scene, level: str) -> Table:
    """Goals by outcome: at the place, and at each place of a level beside it."""
    asked, _ = scene.asked, scene.asked._
    rows: list[Mapping[str, Cell]] = []
    for place in _places(scene, level):
        found = {outcome: _outcome(scene, place, outcome) for outcome in OUTCOMES}
        cells = {outcome: count(figure) for outcome, figure in found.items()}
        rows.append({"place": scene.names.of(place), **cells})
    titles = [Column(each, word(asked.language, "outcome", each), "number") for each in OUTCOMES]
    return Table("outcomes", _("Goals by outcome"), [Column("place", _("Place")), *titles], rows)


def outcomes_picture(scene: Scene, level: str) -> bytes | None:
    """The same as bars made of parts."""
    asked = scene.asked
    rows = [
        Stack(scene.names.of(place), [counted(count(_outcome(scene, place, each)), asked) for each in OUTCOMES])
        for place in _places(scene, level)
    ]
    table = outcomes_table(scene, level)
    if not drawable(table, *OUTCOMES):
        return None
    names = [word(asked.language, "outcome", each) for each in OUTCOMES]
    return stacks(
        Said(f"{table.title}: {scene.title}", outcomes_said(scene)),
        names,
        rows,
        plain(asked, asked._("Goals"), whole=True),
    )


def outcomes_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._("One bar for each place: its goals that were reached, given up, and those still open.")


def kinds_table(scene: Scene) -> Table:
    """Goals reached by what showed it."""
    asked, _ = scene.asked, scene.asked._
    rows: list[Mapping[str, Cell]] = [
        {
            "kind": evidence(scene, each, word(asked.language, "evidence", each.by["evidence"])),
            **share_cells(each),
        }
        for each in _parts(scene, "evidence")
    ]
    return Table(
        "kinds", _("What showed that a goal was reached"), [Column("kind", _("Shown")), *share_columns(asked)], rows
    )


def _places(scene: Scene, level: str) -> list[Place]:
    beside = [Place(level, each.by.get(level, "")) for each in scene.across(level, "I07", "outcome=reached")]
    return [scene.place, *(each for each in beside if each != scene.place)]


def _outcome(scene: Scene, place: Place, outcome: str) -> Figure | None:
    part = f"outcome={outcome}"
    found = (each for each in scene.report.figures if each.code == "I07" and each.part == part and place.holds(each))
    return next(found, None)
