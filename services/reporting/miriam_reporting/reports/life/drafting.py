"""What a draft at a position holds: the figures, their digests, and what each CPAS is to sign."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.definitions import Definitions
from miriam_reporting.reports.life import archive
from miriam_reporting.reports.life.digests import FiguresJson, digest, figures_text, own
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.reports.snapshot import snapshot

_CARRIERS = """
select c.cpas, array_agg(c.project order by c.project collate "C")
  from carrier_at as c
 group by c.cpas
 order by c.cpas collate "C"
"""
# As `cpas_at` chooses among registrations.
_KEYS = """
select distinct on (f.cpas collate "C") f.cpas, f.signing_key
  from facts.cpas as f
 where f.from_position <= %(position)s and f.until_position > %(position)s and not f.retracted
 order by f.cpas collate "C", f.occurred_on, f.first_id
"""


@dataclass(frozen=True, slots=True)
class Signer:
    """A CPAS that carries projects of the edition, and its registered public key (None where it has none)."""

    cpas: str
    projects: Sequence[str]
    key: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """A report at a position, by certain definitions. `figures` are as printed, of every level."""

    edition: str
    position: int
    root: bytes
    definitions: Definitions
    figures: FiguresJson
    signers: Sequence[Signer]

    @property
    def root_text(self) -> str:
        """The root in base64, as events hold it."""
        return base64.b64encode(self.root).decode()

    def own(self, cpas: str) -> FiguresJson:
        """The figures that a CPAS signs. Raises StopIteration where it carries nothing."""
        signer = next(each for each in self.signers if each.cpas == cpas)
        return own(self.figures, cpas, signer.projects)

    def told(self, salt: bytes, salts: Mapping[str, bytes]) -> dict[str, Any]:
        """What `report.drafted` says of it."""
        signers = [
            {"cpas": each.cpas, "digest": self.digest_of(each.cpas, salts[each.cpas])}
            | ({"key": each.key} if each.key else {})
            for each in self.signers
        ]
        return {
            "position": self.position,
            "root": self.root_text,
            "definitions": self.definitions.digest,
            "digest": digest(salt, figures_text(self.figures)),
            "signers": signers,
        }

    def digest_of(self, cpas: str, salt: bytes) -> str:
        """The digest of what a CPAS signs."""
        return digest(salt, self.own_text(cpas))

    def own_text(self, cpas: str) -> str:
        """What a CPAS signs, as it is hashed and kept."""
        return figures_text(self.own(cpas))


def content(connection: Connection, edition: str, position: int | None, definitions: Definitions) -> Content:
    """Compute the report of an edition at a position (default: all that is projected).

    Needs a connection outside a transaction, and leaves it so. Raises UnknownEdition, PositionBeyondHead.
    """
    report = compute(connection, edition, position, LEVELS, definitions=definitions)
    with snapshot(connection, edition, report.position, (), definitions.standing), connection.cursor() as cursor:
        cursor.execute(_CARRIERS)
        carriers = cursor.fetchall()
        cursor.execute(_KEYS, {"position": report.position})
        keys = dict(cursor.fetchall())
    with looking(connection):
        root = root_at(connection, report.position)
    figures = [each.as_json() for each in report.figures]
    signers = [Signer(cpas, projects, keys.get(cpas)) for cpas, projects in carriers]
    return Content(edition, report.position, root, definitions, figures, signers)


def told(connection: Connection, made: Content) -> dict[str, Any]:
    """What `report.drafted` says of it, with the salts of the edition. Runs inside the caller's transaction."""
    salt, salts = archive.salts(connection, made.edition, [each.cpas for each in made.signers])
    return made.told(salt, salts)
