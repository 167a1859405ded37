"""Making a bundle: everything at one position, file by file in the order of their names, then the manifest."""

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_reporting.audit.bundle import evidence, figures, leaves
from miriam_reporting.audit.bundle.errors import BundleError, NotSigned
from miriam_reporting.audit.bundle.packing import Packing
from miriam_reporting.audit.bundle.scope import Scope, choose, codes_of
from miriam_reporting.ledger.tree import consistency, root_at
from miriam_reporting.reports.definitions import CURRENT, current
from miriam_reporting.reports.life import archive
from miriam_reporting.reports.life.errors import NotCosigned
from miriam_reporting.reports.life.trust import Trust, cosigned
from miriam_reporting.reports.model import TreeHead
from miriam_reporting.reports.snapshot import opened, snapshot
from miriam_reporting.reports.tallies import statements
from miriam_transparency.notes import Checkpoint, Note, Signer

_PAUSE = 0.5
_DRAFTED = """
select distinct data->'data'->>'report', data->'data'->>'definitions'
  from ledger.leaf
 where position <= %s and type = 'miriam.report.drafted.v1' and data->'data'->>'edition' = %s
"""
_SIGNERS = """
select distinct jsonb_array_elements(data->'data'->'signers')->>'cpas'
  from ledger.leaf
 where position <= %s and type = 'miriam.report.drafted.v1' and data->'data'->>'edition' = %s
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that was made: where, of what, how much is in it."""

    path: Path
    edition: str
    scope: Scope
    position: int
    checkpoint: int
    codes: list[str]
    held: int
    rows: int
    figures: int
    manifest: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be made, and by whose keys."""

    edition: str
    scope: Scope
    position: int | None
    out: Path
    signer: Signer
    trust: Trust
    wait: float = 10.0


def make(connection: Connection, asked: Asked, advance: Callable[[str, int], None] | None = None) -> Made:
    """Make a bundle; `advance` is told the file and the lines written since it was told last.

    Needs a connection outside a transaction, and leaves it so. Raises NotSigned, UnknownCpas, ReportError, Untrue.
    """
    tell = advance or _silent
    with opened(connection, asked.position) as position:
        codes = codes_of(connection, asked.scope, position, current().indicators)
    report = figures.scoped(connection, asked.edition, position, asked.scope, codes)
    with connection:
        root = root_at(connection, position)
    note, checkpoint = _checkpoint(connection, position, root, asked)
    head = TreeHead(checkpoint.origin, position, root)
    with Packing(asked.out) as packing:
        packing.add("checkpoint.txt", [str(note).encode()])
        if checkpoint.size != position:
            with connection:
                proof = consistency(connection, position, checkpoint.size)
            packing.add_lines("consistency.txt", (_base64(each) for each in proof))
        rows = packing.add_lines(
            "evidence.jsonl", _told("evidence", _evidence(connection, asked, position, codes), tell)
        )
        packing.add_lines("figures.json", figures.lines(report, head))
        held = _add_leaves(connection, packing, asked, position, tell)
        about = {
            "definitions": {"digest": current().digest, "name": CURRENT},
            "edition": asked.edition,
            "figures": codes,
            "log": checkpoint.origin,
            "position": position,
            "scope": asked.scope.as_json(),
        }
        manifest = packing.finish(about, asked.signer).hex()
    return Made(
        asked.out,
        asked.edition,
        asked.scope,
        position,
        checkpoint.size,
        codes,
        held,
        rows,
        len(report.figures),
        manifest,
    )


def _checkpoint(connection: Connection, position: int, root: bytes, asked: Asked) -> tuple[Note, Checkpoint]:
    """The smallest head over the position that the authority cosigned: of its signatures the log's and the authority's.

    Others may still come in, and would make other bytes of the same bundle.
    """
    until = time.monotonic() + asked.wait
    while True:
        try:
            with connection:
                text = cosigned(connection, position, root, asked.trust)
            break
        except NotCosigned as error:
            if time.monotonic() >= until:
                raise NotSigned(str(error)) from error
            time.sleep(_PAUSE)
    note = Note.parse(text)
    names = {(key.name, key.key_id) for key in (*asked.trust.log, asked.trust.authority)}
    kept = Note(note.text, tuple(each for each in note.signatures if (each.name, each.key_id) in names))
    return kept, Checkpoint.parse(note.text)


def _evidence(connection: Connection, asked: Asked, position: int, codes: list[str]) -> Iterator[bytes]:
    chosen = [current().indicators[code] for code in codes]
    needed = (text for each in chosen for text in statements(each))
    with snapshot(connection, asked.edition, position, needed):
        for each in chosen:
            yield from evidence.lines(connection, each, position, asked.scope)


def _add_leaves(
    connection: Connection, packing: Packing, asked: Asked, position: int, tell: Callable[[str, int], None]
) -> int:
    """The files from hashes.bin on; how many leaves are held."""
    scope = asked.scope
    with opened(connection, position):
        if not scope.whole:
            choose(connection, scope, asked.edition, position)
        held, retired = leaves.positions(connection, scope.whole, position)
        unexplained = retired and leaves.unexplained(connection, position, scope.whole)
        if unexplained and not leaves.tell_of_retirement(connection, position):
            raise BundleError(
                f"leaves up to {position} were emptied later, by an edition's retirement or the wipe of a test CPAS:"
                " ask for its head"
            )
        packing.add("hashes.bin", leaves.other_hashes(connection, held, position))
        texts = _definitions(connection, asked.edition, position)
        for name, text in sorted(texts.items()):
            packing.add(name, [text.encode()])
        count = packing.add_lines(
            "leaves.jsonl", _told("leaves", leaves.bodies(connection, scope.whole, position), tell)
        )
        packing.add_lines("positions.txt", _ranges(held))
        salts = _salts(connection, asked.edition, position) if scope.whole else {}
        packing.add("publications.json", [canonical(salts)])
        # What a limited bundle does not hold, it need not explain.
        packing.add_lines("retired.txt", _ranges(retired if scope.whole else []))
    return count


def _definitions(connection: Connection, edition: str, position: int) -> dict[str, str]:
    """Every text of the current definitions, and of those that drafts up to the position were made by."""
    found = dict(current().archive())
    with connection.cursor() as cursor:
        cursor.execute(_DRAFTED, (position, edition))
        for report, digest in cursor.fetchall():
            if digest != current().digest:
                found |= archive.definitions(connection, report, digest).archive()
    return {f"indicators/{name}.{digest[:12]}": text for digest, (name, text) in found.items()}


def _salts(connection: Connection, edition: str, position: int) -> dict[str, object]:
    """The salts that the digests of the edition's drafts were made with, as far as they are kept."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGNERS, (position, edition))
        signers = sorted(str(cpas) for (cpas,) in cursor.fetchall())
    found = archive.kept_salts(connection, edition)
    if not signers or not {"", *signers} <= found.keys():
        return {}
    return {"cpas": {cpas: found[cpas].hex() for cpas in signers}, "edition": found[""].hex()}


def _ranges(ranges: list[leaves.Range]) -> Iterator[bytes]:
    for first, last in ranges:
        yield b"%d-%d" % (first, last)


def _base64(digest: bytes) -> bytes:
    return base64.b64encode(digest)


def _told(name: str, lines: Iterator[bytes], tell: Callable[[str, int], None]) -> Iterator[bytes]:
    count = 0
    for line in lines:
        yield line
        count += 1
        if count == 1_000:
            tell(name, count)
            count = 0
    tell(name, count)


def _silent(name: str, lines: int) -> None:
    """Nobody wants to know."""
