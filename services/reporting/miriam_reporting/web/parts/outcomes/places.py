"""Where figures are of: the programme, a region, a CPAS or a project; and how each is called."""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.roles import Role

_REGISTERED = """
select distinct on (cpas collate "C") cpas, language, name_fr, name_nl, name_de
  from facts.cpas
 where until_position = 9223372036854775807 and not retracted
 order by cpas collate "C", occurred_on, first_id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the figures, by level and value: `Place("cpas", "anderlecht")`; the whole is `Place("total", "")`."""

    level: str
    value: str = ""

    @property
    def key(self) -> str:
        """As addresses name it: `cpas:anderlecht`; empty for the whole."""
        return f"{self.level}:{self.value}" if self.value else ""

    def holds(self, figure: Figure) -> bool:
        """Whether a figure is of this place."""
        return self.is_of(figure.by)

    def is_of(self, by: Mapping[str, str]) -> bool:
        """Whether a figure with this `by` is of this place."""
        return level_of(by) == self.level and by.get(self.level, "") == self.value


def level_of(by: Mapping[str, str]) -> str:
    """The level of a figure with this `by`."""
    return next((level for level in LEVELS[1:] if level in by), "total")


WHOLE = Place("total")


@dataclass(frozen=True, slots=True)
class Names:
    """How places are called in a reader's language; a CPAS by the name that it registered."""

    language: str
    of_cpas: Mapping[str, str]

    def of(self, place: Place) -> str:
        """The name of a place."""
        match place.level:
            case "total":
                return word(self.language, "level", "total")
            case "region":
                return word(self.language, "region", place.value)
            case "cpas":
                return self.of_cpas.get(place.value, place.value)
        return place.value


def names(asked: Asked) -> Names:
    """The names of all places, in the reader's language; in English a CPAS has the name in its own language."""

    def ask(connection: Connection) -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute(_REGISTERED)
            rows = cursor.fetchall()
        connection.rollback()
        return {cpas: _name(asked.language, language, dict(zip(("fr", "nl", "de"), called, strict=True))) or cpas
                for cpas, language, *called in rows}  # fmt: skip

    return Names(asked.language, asked.database.ask(ask))


def _name(wanted: str, own: str, called: Mapping[str, str | None]) -> str | None:
    return called.get(wanted) or called.get(own) or next(filter(None, called.values()), None)


def levels_of(asked: Asked) -> tuple[str, ...]:
    """The levels below the whole at which this reader sees figures: a CPAS its own and its projects'."""
    return ("cpas", "project") if asked.viewer.role is Role.CPAS else LEVELS[1:]


def chosen(asked: Asked, *, public: bool = False) -> Place:
    """The place that the address names; by default the whole, and for a CPAS itself, unless the pages are public.

    Raises Unknown for what is no place.
    """
    level, _, value = asked.args.get("place", "").partition(":")
    if not level:
        own = asked.viewer.role is Role.CPAS and not public
        return Place("cpas", asked.viewer.cpas or "") if own else WHOLE
    if level not in LEVELS[1:] or not value:
        raise Unknown("place: region:..., cpas:... or project:..., as in cpas:anderlecht")
    return Place(level, value)
