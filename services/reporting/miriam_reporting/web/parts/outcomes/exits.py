"""Who was enrolled, who is still there, who left and why: as a flow, and the drop-out at each place."""

from collections.abc import Mapping, Sequence

from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.parts.outcomes.numbers import count, counted, evidence, share_cells, share_columns
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.flow import Branch, flow
from miriam_reporting.web.view import WITHHELD, Cell, Column, Plain, Table

EXITS = ("I10", "I11")
# What is no drop-out, by the counting rule of I10.
REACHED_THE_END = ("completed", "employment", "training")


def _reasons(scene: Scene) -> list[Figure]:
    return [each for each in scene.here("I11") if "reason" in each.by]


def _ways(scene: Scene) -> list[tuple[str, Plain, Sequence[Figure]]]:
    """Still there, reached the end, left before: the name, how many, and the reasons."""
    _ = scene.asked._
    all_of, dropped = scene.one("I11"), scene.one("I10")
    enrolled, left = _enrolled(all_of), count(dropped)
    ended = count(all_of)
    reasons = _reasons(scene)
    finished = [each for each in reasons if each.by["reason"] in REACHED_THE_END]
    before = [each for each in reasons if each.by["reason"] not in REACHED_THE_END]
    return [
        (_("Still taking part"), _minus(enrolled, ended), ()),
        (_("To the end, or into work or training"), _minus(ended, left), finished),
        (_("Left before the end"), left, before),
    ]


def _enrolled(figure: Figure | None) -> Plain:
    return None if figure is None else WITHHELD if figure.withheld else figure.denominator


def _minus(whole: Plain, part: Plain) -> Plain:
    if isinstance(whole, int) and isinstance(part, int):
        return whole - part
    return WITHHELD if WITHHELD in (whole, part) else None


def flow_table(scene: Scene) -> Table:
    """Participations by what became of them."""
    _ = scene.asked._
    rows: list[Mapping[str, Cell]] = [{"what": _("Enrolled"), "count": _enrolled(scene.one("I11"))}]
    for name, number, reasons in _ways(scene):
        rows.append({"what": name, "count": number})
        rows += [
            {
                "what": name,
                "reason": evidence(scene, each, word(scene.asked.language, "reason", each.by["reason"])),
                "count": count(each),
            }
            for each in reasons
        ]
    columns = [
        Column("what", _("What became of them")),
        Column("reason", _("Reason")),
        Column("count", _("Participations"), "number"),
    ]
    note = _("A participation is one woman in one project: a woman in two projects counts twice here.")
    return Table("flow", _("From enrolment to exit"), columns, rows, note)


def tree(scene: Scene) -> Branch | None:
    """The flow as branches; None of nobody, and where numbers that are withheld leave nothing to divide."""
    asked, _ = scene.asked, scene.asked._
    enrolled = _enrolled(scene.one("I11"))
    if not isinstance(enrolled, int) or not enrolled:
        return None
    ways = [_branch(scene, name, number, reasons) for name, number, reasons in _ways(scene)]
    # One alone that is withheld would be told by the others.
    if sum(way.estimate.withheld for way in ways) == 1:
        return None
    return Branch(_("Enrolled"), counted(enrolled, asked), [way for way in ways if _is_there(way)])


def flow_picture(scene: Scene) -> bytes | None:
    """The same as a flow."""
    whole = tree(scene)
    return None if whole is None else flow(Said(f"{flow_table(scene).title}: {scene.title}", flow_said(scene)), whole)


def flow_said(scene: Scene) -> str:
    """What the picture shows, in words."""
    return scene.asked._(
        "A band for all enrolments divides into those who still take part, those who came to the end or went into work"
        " or training, and those who left before; each divides by reason. Bands are as wide as their numbers."
    )


def _branch(scene: Scene, name: str, number: Plain, reasons: Sequence[Figure]) -> Branch:
    asked = scene.asked
    leaves = [
        Branch(word(asked.language, "reason", each.by["reason"]), counted(count(each), asked)) for each in reasons
    ]
    shown = [each for each in leaves if _is_there(each)]
    if sum(each.estimate.withheld for each in shown) == 1:
        shown = []
    return Branch(name, counted(number, asked), shown)


def _is_there(branch: Branch) -> bool:
    return branch.estimate.withheld or bool(branch.estimate.value)


def reasons_table(scene: Scene) -> Table:
    """Drop-out, and each of its reasons, as shares of all enrolments."""
    asked, _ = scene.asked, scene.asked._
    rows: list[Mapping[str, Cell]] = []
    for each in scene.here("I10"):
        name = word(asked.language, "reason", each.by["reason"]) if "reason" in each.by else _("Left before the end")
        rows.append({"reason": evidence(scene, each, name), **share_cells(each)})
    return Table(
        "drop_out",
        _("Drop-out by reason, of all enrolments"),
        [Column("reason", _("Reason")), *share_columns(asked)],
        rows,
    )
