"""What a page or a picture of outcomes is made from: the figures of one place, and of what lies beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from psycopg2.extensions import connection as Connection

from miriam_reporting.facts.mentions import last_that_matters
from miriam_reporting.facts.reading import reading
from miriam_reporting.reports.model import Figure, Report
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.figures import Wanted, figures_for
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.outcomes.places import WHOLE, Names, Place, chosen, level_of, names
from miriam_reporting.web.roles import Role


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages about the same figures are, by endpoint; `arguments` name what all of them are of."""

    report: str
    by: str
    picture: str
    arguments: Mapping[str, str]

    def of(self, endpoint: str, **more: Any) -> str:
        """The address of one of them."""
        told: dict[str, Any] = {**self.arguments, **more}
        return url_for(endpoint, **told)


@dataclass(frozen=True, slots=True)
class Scene:
    """The figures that were asked for, of `place` and of the levels beside it, as this reader may see them.

    `numbers_as_of` is the position of which `web.numbers` are asked; None where those at the head are the same.
    `is_public`: they are of a publication, as anybody is given it: nothing leads behind them.
    """

    asked: Asked
    report: Report
    place: Place
    names: Names
    addresses: Addresses
    numbers_as_of: int | None = None
    is_public: bool = False

    def here(self, code: str) -> list[Figure]:
        """The figures of an indicator at the place, in the order of reports."""
        return [each for each in self.report.figures if each.code == code and self.place.holds(each)]

    def one(self, code: str, part: str = "") -> Figure | None:
        """One figure at the place; None where the place has none."""
        return next((each for each in self.here(code) if each.part == part), None)

    def across(self, level: str, code: str, part: str = "") -> list[Figure]:
        """One figure at every place of a level, by the places' names."""
        found = [
            each for each in self.report.figures if each.code == code and each.part == part and each.level == level
        ]
        return sorted(found, key=lambda each: self.names.of(Place(level, each.by.get(level, ""))).casefold())

    @property
    def title(self) -> str:
        """The edition and the place in a few words."""
        return f"{self.report.edition} · {self.names.of(self.place)}"


def scene(
    asked: Asked, edition: str, codes: Sequence[str], beside: Sequence[str] = (), parts: Sequence[str] | None = None
) -> Scene:
    """The figures of these indicators at the place that the address names, and at the levels beside it.

    Beside it of the parts named alone, where any are; at the place of all.
    As of `as_of`; or, for a picture, of the page's own position (`at`): what it shows is what the page says beside it.
    Raises Unknown where there is no such place, and what `figures_for` raises.
    """
    place = chosen(asked)
    levels = tuple(dict.fromkeys((place.level, *beside)))

    def wanted(_: str, by: Mapping[str, str]) -> bool:
        level = level_of(by)
        part = next((f"{key}={value}" for key, value in by.items() if key != level), "")
        return place.is_of(by) or (level in beside and (parts is None or part in parts))

    found, numbers_as_of = _found(asked, edition, levels, codes, wanted)
    is_own = place == Place("cpas", asked.viewer.cpas or "")
    if not any(place.holds(each) for each in found.figures) and not (asked.viewer.role is Role.CPAS and is_own):
        nothing = asked._("Nothing is counted for %(place)s.") % {"place": place.value}
        raise Unknown(f"place: {place.key} has no figures in {edition}", nothing)
    as_of = {"as_of": asked.args["as_of"]} if asked.args.get("as_of") else {}
    addresses = Addresses("report.report", "outcomes.by", "outcomes.picture", {"edition": edition, **as_of})
    return Scene(asked, found, place, names(asked), addresses, numbers_as_of)


def _found(
    asked: Asked, edition: str, levels: Sequence[str], codes: Sequence[str], wanted: Wanted
) -> tuple[Report, int | None]:
    at, as_of = asked.args.get("at", ""), asked.args.get("as_of") or None
    if not at:
        found = figures_for(asked, edition, as_of, levels, codes, wanted)
        return found, found.position if as_of else None
    # Figures at the head are those of the position unless something that matters to them came later.
    found = figures_for(asked, edition, None, levels, codes, wanted)
    if at.isascii() and at.isdigit() and len(at) <= 18 and _last(asked, edition) <= int(at) <= found.position:
        return found, None
    found = figures_for(asked, edition, at, levels, codes, wanted)
    return found, found.position


def _last(asked: Asked, edition: str) -> int:
    def ask(connection: Connection) -> int:
        with reading(connection):
            return last_that_matters(connection, edition)

    return asked.database.ask(ask)


def choices(asked: Asked, edition: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Which places this reader may choose, under the name of their level: each one's key and name.

    A CPAS chooses among its own projects; to others projects are led from the list of them.
    """
    told = figures_for(asked, edition, asked.args.get("as_of") or None, ("region", "cpas"), ("I01",))
    is_cpas = asked.viewer.role is Role.CPAS
    levels = ("cpas", "project") if is_cpas else ("region", "cpas")
    return places_of(told, names(asked), levels, with_whole=not is_cpas)


def places_of(
    report: Report, called: Names, levels: Sequence[str], *, with_whole: bool
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The places of a report at which women were supported, as `choices` tells them."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    if with_whole:
        found.append(("total", [("", called.of(WHOLE))]))
    for level in levels:
        supported = (each for each in report.figures if each.code == "I01" and each.level == level)
        places = [Place(level, each.by[level]) for each in supported]
        found.append((level, sorted(((each.key, called.of(each)) for each in places), key=lambda it: it[1].casefold())))
    return [(word(called.language, "level", level), places) for level, places in found if places]
