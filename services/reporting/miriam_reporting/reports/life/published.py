"""Publications as the ledger holds them: their definitions to compute by, and computing each of them again."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical, leaf_hash
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.definitions import Definitions, digest_of
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.life import archive, drafting
from miriam_reporting.reports.life.digests import FiguresJson, digest, figures_text
from miriam_reporting.reports.life.errors import NeverPublished, Untrue

_TYPES = ["miriam.report.published.v1", "miriam.report.restated.v1"]
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication in the ledger: where it stands, its event's id, what it says."""

    leaf: int
    event_id: str
    restated: bool
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A publication computed again. `differs` says in what it does not come out; empty where it does.

    `retired` where the events of its edition are destroyed: then the figures kept of it are held against its digest.
    """

    publication: Publication
    differs: tuple[str, ...]
    retired: bool = False

    def as_json(self) -> dict[str, Any]:
        """As `miriam audit replay --json` prints it."""
        data = self.publication.data
        told = {name: data[name] for name in ("report", "edition", "position", "digest")}
        return {
            **told,
            "restated": self.publication.restated,
            "leaf": self.publication.leaf,
            "event_id": self.publication.event_id,
            "agrees": None if self.retired and not self.differs else not self.differs,
            "differs": list(self.differs),
        }


def publications(connection: Connection, edition: str | None = None, report: str | None = None) -> list[Publication]:
    """The publications in the ledger, in its order, of one edition or report where they are named.

    Raises Untrue where a leaf is not what was hashed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select position, event_id::text, type, body, hash from ledger.leaf"
            " where type = any (%s) order by position",
            (_TYPES,),
        )
        rows = cursor.fetchall()
    found = []
    for position, event_id, kind, body, hashed in rows:
        if body is None or leaf_hash(body.encode()) != bytes(hashed):
            raise Untrue(f"the leaf at {position} is not what was hashed; run `miriam audit verify`")
        data = orjson.loads(body)["data"]
        if edition in (None, data["edition"]) and report in (None, data["report"]):
            found.append(Publication(position, event_id, kind == _TYPES[1], data))
    return found


@dataclass(frozen=True, slots=True)
class AsPublished:
    """The figures of a publication as they were kept, not computed again, and the salt of their digest."""

    publication: Publication
    salt: bytes
    figures: FiguresJson

    def as_json(self) -> dict[str, Any]:
        """As `miriam reports REPORT --figures --json` prints it."""
        data = self.publication.data
        names = ("report", "edition", "position", "root", "digest", "unsigned")
        told = {name: data[name] for name in names}
        reason = {"unsigned_reason": data["unsigned_reason"]} if "unsigned_reason" in data else {}
        salt = base64.b64encode(self.salt).decode()
        more = {"event_id": self.publication.event_id, "salt": salt, "figures": list(self.figures)}
        return {**told, **reason, **more}


def as_published(connection: Connection, report: str) -> AsPublished:
    """The newest publication of a report as it is kept, also when its events are destroyed since.

    Needs a connection outside a transaction, and leaves it so. Raises NeverPublished, Untrue.
    """
    with looking(connection):
        found = publications(connection, report=report)
        if not found:
            raise NeverPublished(f"{report} was never published")
        newest = found[-1]
        figures = archive.published_figures(connection, newest.event_id, newest.data)
        return AsPublished(newest, archive.kept_salts(connection, newest.data["edition"])[""], figures)


def published_definitions(connection: Connection, edition: str, report: str | None = None) -> Definitions:
    """The definitions of an edition's newest publication, or of a certain report's. Raises NeverPublished, Untrue.

    Needs a connection outside a transaction, and leaves it so.
    """
    with looking(connection):
        found = publications(connection, edition, report)
        if not found:
            raise NeverPublished(f"{report or edition} was never published: there are no published definitions")
        return definitions_of(connection, found[-1])


def replay(connection: Connection, report: str | None = None) -> Iterator[Replayed]:
    """Compute every publication of the ledger again: at its position, by its definitions, over today's facts.

    Needs a connection outside a transaction, and leaves it so.
    """
    with looking(connection):
        found = publications(connection, report=report)
    for each in found:
        yield _replayed(connection, each)


def _replayed(connection: Connection, publication: Publication) -> Replayed:
    data = publication.data
    try:
        with looking(connection):
            definitions = definitions_of(connection, publication)
        made = drafting.content(connection, data["edition"], data["position"], definitions)
        with looking(connection):
            salts = archive.kept_salts(connection, data["edition"])
        if "" not in salts:
            return Replayed(publication, ("the salt of its digest is not kept",))
        text = figures_text(made.figures)
        differs = []
        if digest(salts[""], text) != data["digest"]:
            differs.append(f"figures: {_differing(connection, publication, made.figures)}")
        if made.root_text != data["root"]:
            differs.append("root of the ledger's tree")
        return Replayed(publication, tuple(differs))
    except ReportError as error:
        if error.code == "retired_edition":
            return Replayed(publication, _kept(connection, publication), True)
        return Replayed(publication, (str(error),))


def _kept(connection: Connection, publication: Publication) -> tuple[str, ...]:
    """What is wrong with the figures kept of a publication that cannot be computed any more."""
    try:
        with looking(connection):
            archive.published_figures(connection, publication.event_id, publication.data)
    except Untrue as error:
        return (str(error),)
    return ()


def definitions_of(connection: Connection, publication: Publication) -> Definitions:
    """By what a publication was computed. Runs inside the caller's transaction. Raises Untrue."""
    data = publication.data
    listing = canonical(data["definitions"]).decode()
    return archive.definitions(connection, data["report"], digest_of(listing))


def _differing(connection: Connection, publication: Publication, figures: FiguresJson) -> str:
    """Which figures are others than those kept of the publication, by name."""
    try:
        with looking(connection):
            kept = archive.published_figures(connection, publication.event_id, publication.data)
    except Untrue as error:
        return str(error)
    before, after = ({_name(each): each for each in some} for some in (kept, figures))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more if names else "the same as kept, in another order"


def _name(figure: Mapping[str, Any]) -> str:
    return " ".join((figure["code"], *(f"{key}={value}" for key, value in figure["by"].items())))
