"""What is held of one person: by kind and number, and where what names her lies sealed."""

from collections.abc import Mapping

from flask import url_for

from miriam_contracts.ids import PERSON_PATTERN
from miriam_reporting.privacy import register
from miriam_reporting.privacy.erasures import erasures_of
from miriam_reporting.privacy.held import held_of
from miriam_reporting.privacy.women import known_persons, records_of
from miriam_reporting.privacy.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.privacy.part import PART
from miriam_reporting.web.parts.privacy.requests import OFFICER
from miriam_reporting.web.view import Cell, Column, Link, Table, View


@PART.page("/privacy/persons/<person>", roles=OFFICER, look="held")
def person(asked: Asked, person: str) -> Page:
    """Which facts are held of a person under her pseudonym: what an answer to her begins from."""
    _ = asked._
    if not PERSON_PATTERN.fullmatch(person):
        raise Unknown("a person is prs- and 32 digits of 0 to f", _("The ledger knows nobody under this pseudonym."))
    known, held, erased, linked, references = asked.database.ask(
        lambda connection: (
            known_persons(connection, [person]),
            held_of(connection, [person]),
            erasures_of(connection, [person]),
            records_of(connection, person)[1:],
            register.requests_about(connection, person),
        )
    )
    if not known:
        raise Unknown(f"the ledger knows no {person}", _("The ledger knows nobody under this pseudonym."))
    gone = bool(erased)
    rows: list[Mapping[str, Cell]] = [
        {
            "participation": each.participation,
            "kind": word(asked.language, "fact", each.kind),
            "facts": each.facts,
            "events": each.events,
            "service": each.service,
            "sealed": each.sealed and not gone,
        }
        for each in held
    ]
    columns = [
        Column("participation", _("Participation"), "id"),
        Column("kind", _("What it tells of")),
        Column("facts", _("Facts that stand"), "number"),
        Column("events", _("Records, with corrections"), "number"),
        Column("service", _("Recorded by the service"), "code"),
        Column("sealed", _("A name or note may lie sealed there"), "flag"),
    ]
    note = _(
        "The facts themselves name nobody. A name, a number or a note lies sealed in the service that recorded it,"
        " and with the CPAS that sent it: what the answer to her shows of them comes from there."
    )
    view = View(
        "held", _("What is held of a person"), [Table("held", _("Facts by participation"), columns, rows, note)]
    )
    others: list[Cell] = [Link(each, url_for("privacy.person", person=each)) for each in linked]
    return Page("privacy/person.html", view, person=person, erased=gone, linked=others, references=references)
