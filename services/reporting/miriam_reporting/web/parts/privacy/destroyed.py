"""What was destroyed: erasures as they stand in the ledger, and of each the services' statements with their proofs."""

from collections.abc import Mapping

from flask import url_for
from werkzeug.wrappers import Response

from miriam_reporting.audit.event.proving import NotProved
from miriam_reporting.privacy import erasures as ledger
from miriam_reporting.privacy.erasures import Destruction, Erasure
from miriam_reporting.privacy.register import requests_about
from miriam_reporting.privacy.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.privacy.part import PART
from miriam_reporting.web.parts.privacy.requests import PAGE, before_of
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Cell, Column, Link, Table, View
from miriam_transparency.proofs import Proof

READERS = (Role.DPO, Role.AUDITOR)


@PART.page("/privacy/erasures", roles=READERS, look="erasures")
def erasures(asked: Asked) -> Page:
    """Every erasure, the newest first."""
    _ = asked._
    before = before_of(asked)
    found = asked.database.ask(lambda connection: ledger.newest(connection, PAGE + 1, before))
    shown = found[:PAGE]
    rows: list[Mapping[str, Cell]] = [
        {
            "person": Link(each.person, url_for("privacy.erasure", person=each.person)),
            "occurred_on": each.occurred_on,
            "ground": word(asked.language, "erasure_ground", each.ground),
            "origin": each.origin,
            "position": each.position,
        }
        for each in shown
    ]
    columns = [
        Column("person", _("Pseudonym"), "id"),
        Column("occurred_on", _("Erased on"), "date"),
        Column("ground", _("Ground")),
        Column("origin", _("Granted by"), "code"),
        Column("position", _("Position"), "number"),
    ]
    view = View("erasures", _("Erasures"), [Table("erasures", _("Erasures"), columns, rows)])
    return Page("privacy/erasures.html", view, further=shown[-1].position if len(found) > PAGE else None)


@PART.page("/privacy/erasures/<person>", roles=READERS, look="erasure")
def erasure(asked: Asked, person: str) -> Page:
    """What each service states it destroyed of one person, and that the ledger holds these statements."""
    _ = asked._
    title = _("What was destroyed")
    try:
        found = asked.database.ask(lambda connection: ledger.destruction_of(connection, person))
    except NotProved:
        return Page("privacy/not_proved.html", View("erasure", title, ()), status=500)
    if found is None:
        raise Unknown(f"no erasure of {person}", asked._("Nobody was erased under this pseudonym."))
    references = asked.database.ask(lambda connection: requests_about(connection, person))
    head = next(iter(found.proofs.values())).head
    return Page(
        "privacy/erasure.html",
        View("erasure", title, [_statements(asked, found)], position=head.size, checkpoint=head.as_json()),
        erasure=found.erasure,
        ground=word(asked.language, "erasure_ground", found.erasure.ground),
        signed=head.note is not None,
        blocks=sum(each.blocks for each in found.statements),
        references=references if asked.viewer.role is Role.DPO else [],
    )


@PART.resource("/privacy/erasures/<person>/proofs/<int:position>", roles=READERS, look="proof")
def proof(asked: Asked, person: str, position: int) -> Response:
    """The proof of one statement as a file that stands alone (C2SP tlog-proof), as `miriam audit prove` writes it."""
    found = asked.database.ask(lambda connection: ledger.destruction_of(connection, person))
    proven = found.proofs.get(position) if found else None
    if proven is None or proven.head.note is None:
        raise Unknown(f"no proof of {position} under a signed head yet")
    text = Proof(position - 1, tuple(proven.path), proven.head.note).text()
    name = f'attachment; filename="erasure-{position}.tlog-proof"'
    return Response(text, headers={"Content-Disposition": name}, content_type="text/plain; charset=utf-8")


def _statements(asked: Asked, found: Destruction) -> Table:
    _ = asked._
    rows: list[Mapping[str, Cell]] = [
        {
            "service": each.service,
            "participation": each.participation,
            "occurred_on": each.occurred_on,
            "blocks": each.blocks,
            "number": each.sequence,
            "leaf": found.proofs[each.position].leaf.hex(),
            "proof": _proof_of(found.erasure, found, each.position),
        }
        for each in found.statements
    ]
    columns = [
        Column("service", _("Service"), "code"),
        Column("participation", _("Participation"), "id"),
        Column("occurred_on", _("Destroyed on"), "date"),
        Column("blocks", _("Sealed entries destroyed"), "number"),
        Column("number", _("Its number"), "number"),
        Column("leaf", _("Hash in the ledger"), "id"),
        Column("proof", _("Proof, at position"), "number"),
    ]
    note = _(
        "A service that held nothing of her says nothing; so does one that has not done its part yet."
        " The command miriam erase, run again, follows until each has, and names those that have not."
    )
    return Table("statements", _("What each service states"), columns, rows, note)


def _proof_of(erasure: Erasure, found: Destruction, position: int) -> Cell:
    """The position, which leads to the proof where one that stands alone can be made."""
    if found.proofs[position].head.note is None:
        return position
    return Link(position, url_for("privacy.proof", person=erasure.person, position=position))
