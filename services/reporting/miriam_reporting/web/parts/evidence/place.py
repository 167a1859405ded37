"""Which figure is asked for: its part, and the place that it is of; a CPAS may ask for its own alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from miriam_reporting.indicators.definitions import Indicator, indicators
from miriam_reporting.reports.errors import NoSuchPart, UnknownIndicator
from miriam_reporting.reports.model import LEVELS, Figure, Report
from miriam_reporting.reports.words import named_as, word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.figures import figures_for
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.outcomes.places import Place, names
from miriam_reporting.web.roles import Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure of a report, with the others of its indicator at the same place."""

    indicator: Indicator
    level: str
    value: str
    report: Report
    figure: Figure
    parts: tuple[Figure, ...]

    @property
    def where(self) -> dict[str, str]:
        """The place as an argument of an address; the whole programme has none."""
        return {} if self.level == "total" else {self.level: self.value}

    def address(self) -> dict[str, str]:
        """The figure as arguments of an address."""
        part = {"part": self.figure.part} if self.figure.part else {}
        return {**self.where, **part}


def wanted(asked: Asked, edition: str, code: str) -> Wanted:
    """The figure that is asked for. Raises UnknownIndicator, NoSuchPart, Unknown, and what `figures_for` raises."""
    indicator = indicators().get(code)
    if indicator is None:
        raise UnknownIndicator(code, list(indicators()))
    level, value = _place(asked)
    found = figures_for(asked, edition, asked.args.get("as_of") or None, (level,), (code,))
    here = tuple(figure for figure in found.figures if figure.level == level and figure.by.get(level, "") == value)
    if not here:
        nothing = asked._("Nothing is counted for %(place)s.") % {"place": value}
        raise Unknown(f"{code}: nothing counts at {level} {value}", nothing)
    part = asked.args.get("part")
    chosen = [figure for figure in here if part is None or figure.part == part]
    if not chosen:
        raise NoSuchPart(code, part or "", [figure.part for figure in here])
    return Wanted(indicator, level, value, found, chosen[0], here)


def named(asked: Asked, level: str, value: str) -> str:
    """A place in words: `CPAS d'Anderlecht`, `Programme`, `Project: ...`."""
    called = names(asked).of(Place(level, value))
    return named_as(word(asked.language, "level", level), called, asked.language) if level == "project" else called


def _place(asked: Asked) -> tuple[str, str]:
    told: Mapping[str, str] = {level: asked.args[level] for level in LEVELS[1:] if asked.args.get(level)}
    if len(told) > 1:
        raise Unknown("one of: cpas, region, project")
    if told:
        return next(iter(told.items()))
    return ("cpas", asked.viewer.cpas or "") if asked.viewer.role is Role.CPAS else ("total", "")
