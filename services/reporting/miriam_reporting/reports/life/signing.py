"""What a CPAS is asked to sign: its own figures with their salt, so that it can see for itself what is digested."""

import base64
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life import archive, drafting
from miriam_reporting.reports.life.digests import FiguresJson, digest, figures_text
from miriam_reporting.reports.life.domain import NONE, life
from miriam_reporting.reports.life.errors import UnknownReport, Untrue
from miriam_reporting.reports.life.events import read_all, read_report
from miriam_reporting.reports.life.signatures import message


class NothingToSign(UnknownReport):
    """The CPAS is not among those whose figures the report holds, or nothing is drafted."""

    code = "nothing_to_sign"

    def __init__(self, report: str, cpas: str) -> None:
        super(UnknownReport, self).__init__(f"{report} holds no figures that {cpas} is to sign")


@dataclass(frozen=True, slots=True)
class Asked:
    """The figures of a CPAS in the newest draft of a report, and their digest. `key` is what it has registered."""

    report: str
    edition: str
    cpas: str
    position: int
    digest: str
    key: str | None
    salt: bytes
    figures: FiguresJson

    @property
    def message(self) -> bytes:
        """The bytes to sign."""
        return message(self.edition, self.cpas, self.digest)

    def check(self) -> None:
        """Whether the digest is of these figures. Raises Untrue where it is not: then nothing may be signed."""
        if digest(self.salt, figures_text(self.figures)) != self.digest:
            raise Untrue(f"{self.report}: the digest that {self.cpas} is asked to sign is not of the figures shown")

    def as_json(self) -> dict[str, Any]:
        """As HTTP tells it, to those who may see these figures."""
        told = {name: getattr(self, name) for name in ("report", "edition", "cpas", "position", "digest", "key")}
        salt = base64.b64encode(self.salt).decode()
        return {**told, "salt": salt, "message": self.message.decode(), "figures": list(self.figures)}


def asked(connection: Connection, report: str, cpas: str) -> Asked:
    """What a CPAS is asked to sign in the newest draft of a report. Raises UnknownReport, NothingToSign, Untrue.

    Needs a connection outside a transaction, and leaves it so.
    """
    with looking(connection):
        found = life(read_report(connection, report).state)
        if found.status == NONE:
            raise UnknownReport(report, [*read_all(connection)])
        draft, signer = found.draft, found.signer(cpas)
        if draft is None or signer is None:
            raise NothingToSign(report, cpas)
        definitions = archive.definitions(connection, report, draft["definitions"])
        salt = archive.kept_salts(connection, found.edition)[cpas]
    made = drafting.content(connection, found.edition, draft["position"], definitions)
    own = made.own(cpas)
    asks = Asked(report, found.edition, cpas, made.position, signer["digest"], signer.get("key"), salt, own)
    asks.check()
    return asks
