"""`miriam audit prove`: that an event is in the ledger, as a proof that stands alone."""

import base64
import uuid
from pathlib import Path
from typing import Any

import click
from psycopg2.extensions import connection as Connection

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option
from miriam_contracts.catalogue import SERVICES
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.trusting import trust_option, trusted_keys
from miriam_reporting.ledger import checkpoints, tree
from miriam_transparency.merkle import ProofError
from miriam_transparency.notes import NoteError
from miriam_transparency.proofs import Proof

_NEXT = "run `miriam audit verify`, which names what is not as it was signed"
_LEAF = "select source, sequence, position, event_id, hash from ledger.leaf where "


@click.command()
@click.argument("event_id", required=False)
@click.option("--position", type=click.IntRange(min=1), help="The leaf at this position of the ledger.")
@click.option("--source", type=click.Choice(SERVICES), help="With --sequence: the event of this service ...")
@click.option("--sequence", type=click.IntRange(min=1), help="... under this number.")
@click.option("--size", type=click.IntRange(min=1), help="At the signed head of this size (default: the newest).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proof there (.tlog-proof).")
@trust_option
@json_option
def prove(
    event_id: str | None, position: int | None, source: str | None, sequence: int | None, size: int | None,
    out: Path | None, trust: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Prove that an event stands in the ledger: by EVENT_ID, --position, or --source and --sequence.

    The proof (C2SP tlog-proof) has its index, the path to the root, and the signed head with its cosignatures. It is
    checked before it is printed. Who has the event computes its leaf hash (SHA-256 of 0x00 and the exact bytes) and
    needs no more than the public keys; the event itself is not in it.
    """
    which, values = _asked(event_id, position, source, sequence)
    keys = trusted_keys(trust)
    with reporting_database() as connection:
        leaf = _one(connection, _LEAF + which, values)
        if leaf is None:
            raise Failure(Exit.DIFFERENCE, "there is no such event in the ledger")
        told, proof = _proved(connection, leaf, size)
    try:
        verified = proof.verify(bytes.fromhex(told["leaf"]), keys)
    except (ProofError, NoteError) as problem:
        raise Failure(
            Exit.DIFFERENCE,
            f"the ledger does not prove it: {problem}",
            "run `miriam audit verify`; it was tampered with",
        ) from problem
    told["verified_by"] = [each.key.text() for each in verified]
    if out is not None:
        out.write_text(proof.text(), "utf-8")
    emit(told, as_json, lambda screen: click.echo(proof.text() if out is None else str(out), nl=out is not None))


def _asked(
    event_id: str | None, position: int | None, source: str | None, sequence: int | None
) -> tuple[str, tuple[Any, ...]]:
    ways = [event_id is not None, position is not None, source is not None or sequence is not None]
    if sum(ways) != 1 or (source is None) != (sequence is None):
        raise Failure(Exit.USAGE, "name one event: EVENT_ID, --position, or --source with --sequence")
    if event_id is not None:
        try:
            return "event_id = %s", (str(uuid.UUID(event_id)),)
        except ValueError:
            raise Failure(Exit.USAGE, "an event's id is a UUID") from None
    if position is not None:
        return "position = %s", (position,)
    return "source = %s and sequence = %s", (source, sequence)


def _proved(connection: Connection, leaf: Any, size: int | None) -> tuple[dict[str, Any], Proof]:
    source, sequence, position, event_id, digest = leaf
    signed = checkpoints.latest(connection) if size is None else checkpoints.at(connection, size)
    if signed is None or signed.size < position:
        near = checkpoints.covering(connection, max(position, size or 0))
        next_step = f"give --size {near.size}" if near else "try again in a second; see that reporting-checkpoint runs"
        raise Failure(Exit.PREREQUISITE, "there is no signed head of that size with this event in it", next_step)
    try:
        path = tree.inclusion(connection, position, signed.size)
    except tree.LeavesMissing as missing:
        raise Failure(
            Exit.DIFFERENCE, f"the ledger was tampered with: {missing}", "run `miriam audit verify`"
        ) from missing
    proof = Proof(position - 1, tuple(path), signed.note)
    told = {
        "event_id": str(event_id), "source": source, "sequence": sequence, "position": position,
        "leaf": bytes(digest).hex(), "index": proof.index, "size": signed.size,
        "proof": [base64.b64encode(each).decode() for each in path], "checkpoint": signed.note,
    }  # fmt: skip
    return told, proof


def _one(connection: Connection, query: str, values: tuple[Any, ...]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()
