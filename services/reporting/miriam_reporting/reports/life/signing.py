"""What a CPAS is asked to sign: its own figures with their salt, so that it can see for itself what is digested."""

import base64
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.life import archive
from miriam_reporting.reports.life.digests import SALT_BYTES, FiguresJson, digest
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

    def as_json(self) -> dict[str, Any]:
        """As HTTP tells it, to those who may see these figures."""
        told = {name: getattr(self, name) for name in ("report", "edition", "cpas", "position", "digest", "key")}
        salt = base64.b64encode(self.salt).decode()
        return {**told, "salt": salt, "message": self.message.decode(), "figures": list(self.figures)}


def asked(connection: Connection, report: str, cpas: str) -> Asked:
    """What a CPAS is asked to sign in the newest draft of a report, as it was kept then.

    Runs in the caller's transaction. Raises UnknownReport, NothingToSign, Untrue where it is not what was drafted.
    """
    found = life(read_report(connection, report).state)
    if found.status == NONE:
        raise UnknownReport(report, [*read_all(connection)])
    draft, signer = found.draft, found.signer(cpas)
    if draft is None or signer is None:
        raise NothingToSign(report, cpas)
    salt = archive.kept_salts(connection, found.edition).get(cpas, b"")
    text = archive.own_figures(connection, found.edition, cpas, signer["digest"])
    if text is None or len(salt) != SALT_BYTES or digest(salt, text) != signer["digest"]:
        raise Untrue(f"{report}: what is kept of the figures of {cpas} is not what was drafted")
    figures: FiguresJson = orjson.loads(text)
    return Asked(report, found.edition, cpas, draft["position"], signer["digest"], signer.get("key"), salt, figures)
