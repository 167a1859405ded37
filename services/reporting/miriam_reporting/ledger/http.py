"""The log over HTTP, as plain functions of a request, so that nameko stays in `service.py`.

GET  /v1/ledger/checkpoint[/<size>]                                  a signed head with its cosignatures, as a note
GET  /v1/ledger/keys                                                 the public halves of the log's keys
GET  /v1/ledger/consistency?old=&new=                                a proof between two sizes
GET  /v1/ledger/inclusion?position= | source=&sequence=  [&size=]    where a leaf stands, its hash, its proof
POST /v1/ledger/inclusions {size, leaves: [{source, sequence}]}      the same of up to 1,000
POST /v1/ledger/cosignatures                                         a note: a head and a witness's lines upon it

No token is asked: all of this is hashes, salted, of which nothing can be guessed. What it shows is what makes the
ledger hold, so the more who look the better.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request, Response

from miriam_platform.database import LOST, Database
from miriam_reporting.ledger import checkpoints, tree
from miriam_reporting.ledger.asking import Wrong, as_json, as_problem, body, encoded, leaves_asked, number, only, text
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_transparency.keys import KeyFileError
from miriam_transparency.notes import Checkpoint, Note, NoteError, VerifierKey

# Proofs are hashed together in turns of so many, so that other requests get theirs.
_TURN = 50
# A witness's clock may be ahead of ours by so much.
_AHEAD_SECONDS = 300

Leaf = tuple[str, int, int, bytes]  # source, sequence, position, hash


class LogAnswers:
    """Answers what anybody may ask of the log."""

    def __init__(self, keys: LogKeys) -> None:
        self._keys = keys

    def checkpoint(self, database: Database, size: str | None = None) -> Response:
        """The newest signed head, or that of a size. 404 where there is none."""

        def find() -> Response:
            if size is None:
                found = database.ask(checkpoints.latest)
            else:
                wanted = number("size", size)
                found = database.ask(lambda connection: checkpoints.at(connection, wanted))
            if found is None:
                raise Wrong(404, "unknown_checkpoint", "no head of that size was signed")
            return text(found.note)

        return _answer(find)

    def keys(self) -> Response:
        """The public halves of the log's keys, newest first."""

        def tell() -> Response:
            try:
                return text("".join(f"{key.text()}\n" for key in self._keys.published()))
            except KeyFileError:
                raise Wrong(404, "no_keys", "this log has no keys yet") from None

        return _answer(tell)

    def consistency(self, request: Request, database: Database) -> Response:
        """A proof between two sizes of the tree."""

        def prove() -> Response:
            only(request, {"old", "new"})
            old, new = (number(name, request.args.get(name)) for name in ("old", "new"))
            if old > new:
                raise Wrong(400, "out_of_range", "old: new or less")
            database.ask(partial(_size, asked=new))
            proof = database.ask(lambda connection: tree.consistency(connection, old, new))
            return as_json({"old": old, "new": new, "proof": encoded(proof)})

        return _answer(prove)

    def inclusion(self, request: Request, database: Database) -> Response:
        """One leaf's place and proof."""

        def prove() -> Response:
            only(request, {"position", "source", "sequence", "size"})
            arguments = request.args
            if ("position" in arguments) == ("source" in arguments) or ("source" in arguments) != (
                "sequence" in arguments
            ):
                raise Wrong(400, "bad_argument", "position, or source and sequence")
            size = number("size", arguments["size"]) if "size" in arguments else None
            if "position" in arguments:
                place = number("position", arguments["position"])
                find = partial(_at, position=place)
            else:
                asked = [(arguments["source"], number("sequence", arguments["sequence"]))]
                find = partial(_of, asked=asked)

            def work(connection: Connection) -> Response:
                head = _size(connection, size)
                leaves = find(connection)
                if not leaves or leaves[0][2] > head:
                    raise Wrong(404, "unknown_leaf", f"no such leaf among the first {head}")
                return as_json({**_told(leaves[0], tree.inclusion(connection, leaves[0][2], head)), "size": head})

            return database.ask(work)

        return _answer(prove)

    def inclusions(self, request: Request, database: Database) -> Response:
        """Several leaves' places and proofs at one size; those that are not there are left out."""

        def prove() -> Response:
            asked, size = leaves_asked(request)

            def work(connection: Connection) -> Response:
                head = _size(connection, size)
                found = [leaf for leaf in _of(connection, asked) if leaf[2] <= head]
                told = []
                for at in range(0, len(found), _TURN):
                    some = found[at : at + _TURN]
                    proofs = tree.inclusions(connection, [leaf[2] for leaf in some], head)
                    told += [_told(leaf, proof) for leaf, proof in zip(some, proofs, strict=True)]
                    time.sleep(0)
                return as_json({"size": head, "inclusions": told})

            return database.ask(work)

        return _answer(prove)

    def cosignatures(self, request: Request, database: Database) -> Response:
        """Take a witness's lines upon a head that this log signed. 403 where no line is of a known witness."""

        def take() -> Response:
            try:
                note = Note.parse(body(request))
                head = Checkpoint.parse(note.text)
                known = self._keys.witnesses()
                verified = note.verified_by(known)
            except NoteError as error:
                raise Wrong(422, "false_cosignature", str(error)) from None
            except KeyFileError:
                raise Wrong(503, "no_keys", "the list of witnesses cannot be read") from None
            if not verified:
                raise Wrong(403, "unknown_witness", "no line is of a witness that is known here")
            if any((each.time or 0) > time.time() + _AHEAD_SECONDS for each in verified):
                raise Wrong(422, "clock", "the cosignature is of a time to come")
            added = _keep(database, head.size, note, [each.key for each in verified])
            return as_json({"cosigned_by": [each.key.name for each in verified], "new": added})

        return _answer(take)


def _keep(database: Database, size: int, note: Note, keys: list[VerifierKey]) -> int:
    known = {(key.name, key.key_id) for key in keys}
    with database.transaction() as connection:
        signed = checkpoints.at(connection, size)
        # It must be one of ours, to the byte.
        if signed is None or Note.parse(signed.note).text != note.text:
            raise Wrong(404, "unknown_checkpoint", "this head is none of this log")
        lines = [each for each in note.signatures if (each.name, each.key_id) in known]
        return sum(checkpoints.add_cosignature(connection, size, line) for line in lines)


def _answer(work: Callable[[], Response]) -> Response:
    try:
        return work()
    except Wrong as wrong:
        return as_problem(wrong.status, wrong.code, wrong.detail)
    except tree.LeavesMissing:
        # By size or position there is none beyond the head: `_size` and `_leaves` have seen to that.
        return as_problem(500, "tampered", "leaves of the ledger are missing")
    except LOST:
        return as_problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})


def _size(connection: Connection, asked: int | None) -> int:
    """The size to prove at: that asked, within the ledger, or the newest signed."""
    if asked is None:
        signed = checkpoints.latest(connection)
        if signed is None:
            raise Wrong(404, "unknown_checkpoint", "no head was signed yet")
        return signed.size
    with connection.cursor() as cursor:
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
    if row is None or asked > row[0]:
        raise Wrong(404, "beyond_ledger", "the ledger has not so many leaves")
    return asked


def _at(connection: Connection, position: int) -> list[Leaf]:
    return _leaves(
        connection, "select source, sequence, position, hash from ledger.leaf where position = %s", (position,)
    )


def _of(connection: Connection, asked: list[tuple[str, int]]) -> list[Leaf]:
    sources, sequences = zip(*asked, strict=True)
    return _leaves(
        connection,
        "select leaf.source, leaf.sequence, leaf.position, leaf.hash"
        " from unnest(%s::text[], %s::bigint[]) as asked (source, sequence) join ledger.leaf using (source, sequence)",
        (list(sources), list(sequences)),
    )


def _leaves(connection: Connection, query: str, values: tuple[Any, ...]) -> list[Leaf]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [(source, sequence, position, bytes(digest)) for source, sequence, position, digest in cursor.fetchall()]


def _told(leaf: Leaf, proof: Iterable[bytes]) -> dict[str, Any]:
    source, sequence, position, digest = leaf
    return {
        "source": source, "sequence": sequence, "position": position, "leaf": digest.hex(), "proof": encoded(proof),
    }  # fmt: skip
