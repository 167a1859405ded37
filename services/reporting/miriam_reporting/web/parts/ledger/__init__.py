"""The ledger for anybody: what was signed of it and by whom, the keys, and how to check a report at home."""

import base64
from collections.abc import Sequence

from flask import url_for
from werkzeug.wrappers import Response

from miriam_reporting.ledger.asking import text
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.ledger import verifier
from miriam_reporting.web.parts.ledger.heads import Head, note_at, page, standing
from miriam_reporting.web.roles import EVERYBODY
from miriam_reporting.web.view import Column, Link, Table, View
from miriam_transparency.keys import KeyFileError
from miriam_transparency.notes import KINDS, VerifierKey

PART = Part("ledger")
ROWS = 50


@PART.page("/ledger", roles=EVERYBODY)
def ledger(asked: Asked) -> Page:
    """The ledger's head, its signed heads, the keys, and how to check all of it elsewhere."""
    _ = asked._
    before = None if asked.exporting else _number(asked.args.get("before"))
    rows = asked.at_once(ROWS)
    now = asked.database.ask(standing)
    found = asked.database.ask(lambda connection: page(connection, before, rows + 1))
    heads, more = found[:rows], len(found) > rows
    own, witnesses = keys_of(asked)
    tables = [_heads(asked, heads), _keys(asked, (*own, *witnesses))]
    view = View("ledger", _("Ledger"), tables, position=now.leaves)
    return Page(
        "ledger/ledger.html",
        view,
        now=now,
        earlier=heads[-1].size if more else None,
        before=before,
        verifier=verifier.NAME,
        digest=verifier.digest(),
    )


@PART.resource("/ledger/heads/<int:size>", roles=EVERYBODY)
def head(asked: Asked, size: int) -> Response:
    """A signed head with its cosignatures, as a C2SP note. Raises Unknown."""
    found = asked.database.ask(lambda connection: note_at(connection, size))
    if found is None:
        raise Unknown(f"no head of {size} leaves was signed")
    return text(found)


@PART.resource("/ledger/keys", roles=EVERYBODY)
def keys(asked: Asked) -> Response:
    """The public keys of the log and of its witnesses, one a line, as `--key` of the verifier takes them."""
    own, witnesses = keys_of(asked)
    return text("".join(f"{key.text()}\n" for key in (*own, *witnesses)))


@PART.resource("/ledger/miriam_verify.py", roles=EVERYBODY)
def program(asked: Asked) -> Response:
    """The verifier, to be taken home."""
    headers = {"Content-Disposition": f'attachment; filename="{verifier.NAME}"', "Cache-Control": "no-cache"}
    return Response(verifier.source(), headers=headers, content_type="text/x-python; charset=utf-8")


def keys_of(asked: Asked) -> tuple[Sequence[VerifierKey], Sequence[VerifierKey]]:
    """The log's public keys, newest first, and its witnesses'; none where no key was made yet."""
    known = LogKeys.of_environment(asked.settings.keys_dir)
    try:
        own = known.published()
    except KeyFileError:
        own = ()
    try:
        return own, known.witnesses()
    except KeyFileError:
        return own, ()


def _heads(asked: Asked, heads: Sequence[Head]) -> Table:
    _ = asked._
    columns = [
        Column("size", _("Leaves"), "number"),
        Column("signed_at", _("Signed"), "moment"),
        Column("root", _("Root (base64)"), "code"),
        Column("cosigned_by", _("Cosigned by")),
    ]
    rows = [
        {
            "size": Link(each.size, url_for("ledger.head", size=each.size)),
            "signed_at": each.signed_at,
            "root": base64.b64encode(each.root).decode(),
            "cosigned_by": ", ".join(each.cosigned_by) or None,
        }
        for each in heads
    ]
    return Table("heads", _("Checkpoints, the newest first"), columns, rows)


def _keys(asked: Asked, found: Sequence[VerifierKey]) -> Table:
    _ = asked._
    kinds = {"log": _("signs the ledger"), "witness": _("witness")}
    columns = [Column("name", _("Name")), Column("kind", _("What it does")), Column("key", _("Public key"), "code")]
    rows = [{"name": key.name, "kind": kinds[KINDS[key.kind]], "key": key.text()} for key in found]
    return Table("keys", _("Public keys"), columns, rows)


def _number(told: str | None) -> int | None:
    """The argument `before`; what is no number is as if it were not there."""
    return int(told) if told and told.isascii() and told.isdigit() and len(told) <= 18 else None
