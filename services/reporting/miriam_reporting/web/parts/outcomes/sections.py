"""A page of outcomes as sections: what is said, a picture, and the table of its numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.outcomes import distance, exits, goals, months, presence, progress
from miriam_reporting.web.parts.outcomes.distance import Spreads
from miriam_reporting.web.parts.outcomes.numbers import drawable
from miriam_reporting.web.parts.outcomes.saying import about_intervals, of_shares
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.view import Table


@dataclass(frozen=True, slots=True)
class Section:
    """A table; its picture by address and in words, where there is one; what is to be known; where there is more."""

    table: Table
    picture: str | None = None
    said: str = ""
    notes: Sequence[str] = ()
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by name: the indicators that it needs, of which parts at which levels beside the place, and how it is
    drawn.
    """

    codes: Sequence[str]
    draw: Callable[[Scene], bytes | None]
    beside: Sequence[str] = ()
    parts: Sequence[str] | None = None
    of_figures: bool = True  # of figures alone, so that it can be drawn of a publication too


PICTURES = {
    "progress": Picture(progress.PROGRESS, progress.progress_picture),
    "change": Picture(distance.DISTANCE, lambda scene: distance.distance_picture(scene, {})),
    "distance": Picture(
        distance.DISTANCE,
        lambda scene: distance.distance_picture(scene, distance.spreads(scene)),
        of_figures=False,
    ),
    "goals": Picture(goals.GOALS, goals.domains_picture),
    "goal-shares": Picture(goals.GOALS, goals.shares_picture),
    "goal-outcomes": Picture(
        goals.GOALS, lambda scene: goals.outcomes_picture(scene, "region"), ("region",), goals.OUTCOME_PARTS
    ),
    "exits": Picture(exits.EXITS, exits.flow_picture),
    "women": Picture(("I01",), lambda scene: months.women_picture(scene, months.course(scene)), of_figures=False),
    "groups": Picture(("I01",), lambda scene: months.groups_picture(scene, months.course(scene)), of_figures=False),
    "presence": Picture(("I01",), presence.presence_picture, of_figures=False),
    "group-regions": Picture(
        ("I01",),
        # As the page has it, of the whole programme alone: a CPAS, which never sees the whole, sees no region either.
        lambda scene: months.regions_picture(scene, months.regions(scene)) if scene.place.level == "total" else None,
        of_figures=False,
    ),
}


def picture_of(name: str) -> Picture:
    """The picture of that name. Raises Unknown where there is none."""
    if name not in PICTURES:
        raise Unknown(f"picture: {', '.join((*PICTURES, 'places'))}")
    return PICTURES[name]


def address(scene: Scene, name: str, **more: Any) -> str:
    """Where a picture is, of this place and of the position of the page."""
    if scene.place.key:
        more["place"] = scene.place.key
    if not scene.is_public:
        more["at"] = scene.report.position
    return scene.addresses.of(scene.addresses.picture, name=name, **more)


def progress_section(scene: Scene) -> Section:
    """Progress in the personal situation and by domain."""
    table = progress.progress_table(scene)
    shown = address(scene, "progress") if drawable(table, "denominator") else None
    return Section(table, shown, progress.progress_said(scene), (about_intervals(scene.asked), of_shares(scene.asked)))


def distance_section(scene: Scene, known: Spreads, more: str | None = None) -> Section:
    """From the start to the end by domain; with the intervals of the means where their spreads are known."""
    table = distance.distance_table(scene, known)
    name = "distance" if known else "change"
    shown = address(scene, name) if drawable(table, "pairs") else None
    notes = (about_intervals(scene.asked),) if known else ()
    return Section(table, shown, distance.distance_said(scene), notes, more)


def goals_section(scene: Scene, more: str | None = None) -> Section:
    """Goals set and reached by life domain."""
    table = goals.domains_table(scene)
    shown = address(scene, "goals") if drawable(table, "denominator") else None
    return Section(table, shown, goals.domains_said(scene), (), more)


def goal_sections(scene: Scene) -> list[Section]:
    """Everything about goals."""
    shares, outcomes = goals.shares_table(scene), goals.outcomes_table(scene, "region")
    return [
        goals_section(scene),
        Section(
            shares,
            address(scene, "goal-shares") if drawable(shares, "denominator") else None,
            goals.shares_said(scene),
            (about_intervals(scene.asked), of_shares(scene.asked)),
        ),
        Section(
            outcomes,
            address(scene, "goal-outcomes") if drawable(outcomes, *goals.OUTCOMES) else None,
            goals.outcomes_said(scene),
        ),
        Section(goals.kinds_table(scene)),
    ]


def exits_section(scene: Scene, more: str | None = None) -> Section:
    """The flow from enrolment to exit."""
    table = exits.flow_table(scene)
    shown = address(scene, "exits") if exits.tree(scene) else None
    return Section(table, shown, exits.flow_said(scene), (), more)


def exit_sections(scene: Scene) -> list[Section]:
    """The flow, and the shares of drop-out by reason."""
    notes = (about_intervals(scene.asked), of_shares(scene.asked))
    return [exits_section(scene), Section(exits.reasons_table(scene), notes=notes)]


def month_sections(scene: Scene) -> list[Section]:
    """Women supported, month by month."""
    table = months.women_table(scene, months.course(scene))
    return [Section(table, address(scene, "women") if drawable(table, "until") else None, months.women_said(scene))]


def attendance_section(scene: Scene) -> Section:
    """The figures of group attendance."""
    return Section(months.attendance_table(scene))


def group_sections(scene: Scene) -> list[Section]:
    """Group attendance: its figures, how many women came, month by month, and for the whole programme by region."""
    monthly = months.groups_table(scene, months.course(scene))
    by_number = presence.presence_table(scene, presence.presence(scene))
    found = [
        attendance_section(scene),
        Section(
            by_number,
            address(scene, "presence") if drawable(by_number, "sessions") else None,
            presence.presence_said(scene),
        ),
        Section(
            monthly,
            address(scene, "groups") if drawable(monthly, "sessions") else None,
            months.groups_said(scene),
            (about_intervals(scene.asked),),
        ),
    ]
    if scene.place.level == "total":
        regional = months.regions_table(scene, months.regions(scene))
        shown = address(scene, "group-regions") if drawable(regional, "sessions") else None
        found.append(Section(regional, shown, months.regions_said(scene)))
    return found
