"""The sample of an edition as of a position: women, individual sessions and group sessions, each drawn by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.sample.draw import SCHEME, Drawn, Stratum, draw
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.snapshot import snapshot

KINDS = ("women", "sessions", "groupsessions")


class BadSample(ReportError):
    """No sample can be drawn by such a size or seed."""

    code = "bad_sample"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that was drawn, and where to find it: `about` has its project, participations, session, day and event."""

    kind: str
    drawn: Drawn
    about: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The unit as `sample --json` prints it."""
        told = {"kind": self.kind, "stratum": self.drawn.stratum, "rank": self.drawn.rank, "unit": self.drawn.unit}
        return {**told, "number": self.drawn.number, **self.about}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, out of what. `strata` by kind."""

    edition: str
    position: int
    size: int
    seed: str
    strata: Mapping[str, Sequence[Stratum]]
    units: Sequence[Unit]

    def as_json(self) -> dict[str, Any]:
        """The sample as `sample --json` prints it; `population` counts all that could have been drawn."""
        return {
            "edition": self.edition,
            "position": self.position,
            "scheme": SCHEME,
            "size": self.size,
            "seed": self.seed,
            "populations": {
                kind: {
                    "population": sum(stratum.population for stratum in strata),
                    "drawn": sum(stratum.drawn for stratum in strata),
                    "strata": [{"cpas": s.cpas, "population": s.population, "drawn": s.drawn} for s in strata],
                }
                for kind, strata in self.strata.items()
            },
            "units": [unit.as_json() for unit in self.units],
        }


def sample(
    connection: Connection,
    edition: str,
    size: int,
    seed: str,
    as_of: int | None = None,
    cpas: str | None = None,
    kinds: Sequence[str] = KINDS,
) -> Sample:
    """Draw `size` of each kind from what counts in the edition at `as_of` (default: all that is projected).

    `cpas` draws from that CPAS alone. Needs a connection outside a transaction. Raises BadSample, UnknownEdition,
    PositionBeyondHead.
    """
    populations = {kind: _population(kind) for kind in kinds}
    strata: dict[str, Sequence[Stratum]] = {}
    units: list[Unit] = []
    with snapshot(connection, edition, as_of, populations.values()) as position, connection.cursor() as cursor:
        for kind, population in populations.items():
            cursor.execute(
                f"select p.cpas, p.unit from ({population}) as p where %(cpas)s::text is null or p.cpas = %(cpas)s",
                {"cpas": cpas, "position": position},
            )
            try:
                strata[kind], drawn = draw(cursor.fetchall(), kind, size, seed)
            except ValueError as problem:
                raise BadSample(str(problem)) from problem
            cursor.execute(
                f"select p.* from ({population}) as p where p.unit = any (%(drawn)s)",
                {"drawn": [each.unit for each in drawn], "position": position},
            )
            names = [column.name for column in cursor.description or ()]
            about = {row[names.index("unit")]: _about(names, row) for row in cursor}
            units += [Unit(kind, each, about[each.unit]) for each in drawn]
    return Sample(edition, position, size, seed, strata, units)


def _population(kind: str) -> str:
    return resources.files(__package__).joinpath(f"{kind}.sql").read_text("utf-8")


def _about(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    told = dict(zip(names, row, strict=True))
    told["occurred_on"] = told["occurred_on"].isoformat()
    del told["unit"]
    return told
