"""What an edition achieved: by place, goals, groups, exits, the distance travelled, and the months; with pictures."""

from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Response

from miriam_reporting.reports.model import LEVELS
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.outcomes import distance, exits, goals, months, places_page
from miriam_reporting.web.parts.outcomes.images import image
from miriam_reporting.web.parts.outcomes.scene import Scene, choices, scene
from miriam_reporting.web.parts.outcomes.sections import (
    Section,
    distance_section,
    exit_sections,
    goal_sections,
    group_sections,
    month_sections,
    picture_of,
)
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import view_of
from miriam_reporting.web.topics import topics

PART = Part("outcomes")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)


@PART.page("/editions/<edition>/goals", roles=READERS)
def goals_page(asked: Asked, edition: str) -> Page:
    """Goals set, reached and given up."""
    found = scene(asked, edition, goals.GOALS, ("region",))
    return _page(found, "goals", asked._("Goals"), goal_sections(found))


@PART.page("/editions/<edition>/groups", roles=READERS)
def groups_page(asked: Asked, edition: str) -> Page:
    """Group attendance."""
    found = scene(asked, edition, months.MONTHS)
    return _page(found, "groups", asked._("Group attendance"), group_sections(found))


@PART.page("/editions/<edition>/exits", roles=READERS)
def exits_page(asked: Asked, edition: str) -> Page:
    """Drop-out and exits."""
    found = scene(asked, edition, exits.EXITS)
    return _page(found, "exits", asked._("Drop-out and exits"), exit_sections(found))


@PART.page("/editions/<edition>/distance", roles=READERS)
def distance_page(asked: Asked, edition: str) -> Page:
    """The distance travelled."""
    found = scene(asked, edition, distance.DISTANCE)
    return _page(found, "distance", asked._("Distance travelled"), [distance_section(found, distance.spreads(found))])


@PART.page("/editions/<edition>/months", roles=READERS)
def months_page(asked: Asked, edition: str) -> Page:
    """The months of the edition."""
    found = scene(asked, edition, ("I01",))
    return _page(found, "months", asked._("Month by month"), month_sections(found))


@PART.page("/editions/<edition>/report/by/<level>", roles=READERS)
def by(asked: Asked, edition: str, level: str) -> Page:
    """Every place of a level: how many women, and the shares that can be compared."""
    if level not in LEVELS[1:]:
        raise Unknown(f"by: {', '.join(LEVELS[1:])}")
    found = scene(asked, edition, places_page.CODES, (level, "total"), places_page.PARTS)
    return places_page.page(found, level)


@PART.resource("/editions/<edition>/pictures/<name>.svg", roles=READERS)
def picture(asked: Asked, edition: str, name: str) -> Response:
    """A picture, of the position of the page that shows it: the same address is the same image."""
    wanted = places_page.picture(asked) if name == "places" else picture_of(name)
    return image(asked, lambda: wanted.draw(scene(asked, edition, wanted.codes, wanted.beside, wanted.parts)))


def _page(found: Scene, code: str, title: str, sections: Sequence[Section], **more: Any) -> Page:
    view = view_of(found.report, code, f"{title} · {found.title}", [each.table for each in sections])
    return Page(
        "outcomes/outcomes.html",
        view,
        sections=sections,
        **surroundings(found),
        **more,
    )


def surroundings(found: Scene) -> dict[str, Any]:
    """What stands around the sections: which edition and place are shown, and which others there are."""
    edition = found.report.edition
    return {
        "edition": edition,
        "place": found.place,
        "choices": choices(found.asked, edition),
        "topics": topics(found.asked, edition),
    }
