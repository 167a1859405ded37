"""What is kept for reports beside their events: texts of definitions, salts, and the figures of publications."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.definitions import BadArchive, Definitions, digest_of, read
from miriam_reporting.reports.life.digests import SALT_BYTES, FiguresJson, digest
from miriam_reporting.reports.life.errors import Untrue

_OF_EDITION = ""


def keep_definitions(connection: Connection, definitions: Definitions) -> int:
    """Keep every text that these definitions need; answer how many are new. Runs inside the caller's transaction."""
    kept = definitions.archive()
    columns = (list(kept), [name for name, _ in kept.values()], [text for _, text in kept.values()])
    with connection.cursor() as cursor:
        cursor.execute("select report.keep_definitions(%s::text[], %s::text[], %s::text[])", columns)
        row: Any = cursor.fetchone()
        return int(row[0])


def definitions(connection: Connection, name: str, listing_digest: str) -> Definitions:
    """The definitions whose listing has that digest, from their texts. Raises Untrue where a text is not as it was."""
    try:
        texts = _texts(connection, [listing_digest])
        listing = texts.get(listing_digest)
        if listing is None or digest_of(listing) != listing_digest:
            raise BadArchive(f"no text is kept under {listing_digest}, or another")
        digests = [each["digest"] for each in orjson.loads(listing)]
        manifests = _texts(connection, digests)
        wanted = {sha256 for text in manifests.values() for sha256 in orjson.loads(text)["texts"].values()}
        return read(name, digests, {**manifests, **_texts(connection, wanted)})
    except (BadArchive, orjson.JSONDecodeError) as error:
        raise Untrue(f"the definitions of {name}: {error}") from error


def _texts(connection: Connection, digests: Iterable[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select digest, text from report.definition where digest = any (%s)", (list(digests),))
        return dict(cursor.fetchall())


def salts(connection: Connection, edition: str, cpas: Sequence[str]) -> tuple[bytes, dict[str, bytes]]:
    """The salt of the edition's reports, and that of each CPAS; made where there is none.

    Runs inside the caller's transaction, which must be READ COMMITTED.
    """
    asked = [_OF_EDITION, *cpas]
    fresh = [secrets.token_bytes(SALT_BYTES) for _ in asked]
    with connection.cursor() as cursor:
        cursor.execute("select * from report.salts(%s, %s::text[], %s::bytea[])", (edition, asked, fresh))
        found = {name: bytes(salt) for name, salt in cursor.fetchall()}
    return found.pop(_OF_EDITION), found


def kept_salts(connection: Connection, edition: str) -> Mapping[str, bytes]:
    """The salts of an edition by CPAS, '' being the edition's own; makes none."""
    with connection.cursor() as cursor:
        cursor.execute("select cpas, salt from report.salt where edition = %s", (edition,))
        return {cpas: bytes(salt) for cpas, salt in cursor.fetchall()}


def keep_own(connection: Connection, edition: str, kept: Mapping[str, tuple[str, str]]) -> int:
    """Keep what each CPAS is asked to sign, digest and figures by CPAS; how many are new.

    Runs inside the caller's transaction.
    """
    columns = (list(kept), [digest for digest, _ in kept.values()], [figures for _, figures in kept.values()])
    with connection.cursor() as cursor:
        cursor.execute("select report.keep_own(%s, %s::text[], %s::text[], %s::text[])", (edition, *columns))
        row: Any = cursor.fetchone()
        return int(row[0])


def own_figures(connection: Connection, edition: str, cpas: str, digest: str) -> str | None:
    """The figures of a CPAS that were kept under a digest, as text; None where there are none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select figures from report.own where edition = %s and cpas = %s and digest = %s", (edition, cpas, digest)
        )
        row = cursor.fetchone()
        return None if row is None else str(row[0])


def keep_publication(connection: Connection, event_id: str, data: Mapping[str, Any], figures: str) -> None:
    """Keep the full figures of a publication. Runs inside the caller's transaction."""
    asked = (event_id, data["report"], data["edition"], data["position"], figures)
    with connection.cursor() as cursor:
        cursor.execute("select report.keep_publication(%s, %s, %s, %s, %s)", asked)


def published_figures(connection: Connection, event_id: str, data: Mapping[str, Any]) -> FiguresJson:
    """The full figures of a publication, as they were. Raises Untrue where they are not what its digest was made of."""
    salt = kept_salts(connection, data["edition"]).get(_OF_EDITION)
    with connection.cursor() as cursor:
        cursor.execute("select figures from report.publication where event_id = %s", (event_id,))
        row = cursor.fetchone()
    if row is None or salt is None:
        raise Untrue(f"the figures of {data['report']} at position {data['position']} are not kept any more")
    if digest(salt, row[0]) != data["digest"]:
        raise Untrue(f"the figures kept of {data['report']} at position {data['position']} are not those published")
    figures: FiguresJson = orjson.loads(row[0])
    return figures
