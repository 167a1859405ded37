"""The services and their lags, for operators: who answers, what is still on its way, what is wrong. No data."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from miriam_reporting.ledger.status import head
from miriam_reporting.web import owners
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.owners import Told
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.services import queues, reading
from miriam_reporting.web.parts.services.reading import Troubles
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Cell, Column, Table, View

PART = Part("services")


@PART.page("/services", roles=(Role.OPERATOR,))
def services(asked: Asked) -> Page:
    """How everything stands now: asked of the services over HTTP, of the broker, and of reporting's database."""
    _ = asked._
    answers = owners.ask(asked.settings.owners, asked.settings.token, "/healthz")
    known = asked.database.ask(head)
    troubles = asked.database.ask(reading.troubles)
    waiting = queues.waiting(asked) if asked.settings.broker else {}
    tables = [
        _services(answers, known["sources"], asked),
        _reporting(known, troubles, asked),
        *([queues.table(waiting, asked)] if waiting else []),
        _gaps(troubles, asked),
        _alarms(troubles, asked),
    ]
    wrong = _wrong(answers, troubles, asked)
    if waiting is None:
        wrong.append(_("The broker does not answer: nothing comes in over AMQP, and nothing reaches the ledger."))
    view = View("services", _("Services"), tables)
    return Page("services/services.html", view, wrong=wrong, now=dt.datetime.now(dt.UTC))


def _wrong(answers: Sequence[Told], troubles: Troubles, asked: Asked) -> list[str]:
    """What an operator should look at, in sentences; empty where all is well."""
    _ = asked._
    told = [
        _("%(service)s does not answer as it should: look at its log, and whether its database is there.")
        % {"service": each.service}
        for each in answers
        if each.status != 200
    ]
    if not answers:
        told.append(_("No recording service is known here: MIRIAM_OWNER_URLS names none."))
    if troubles.gaps:
        told.append(_("Numbers are missing in the ledger; they are asked for again by themselves (runbook: ledger)."))
    if troubles.alarms:
        told.append(_("There are alarms: something came that must not. Find out what before anything is published."))
    if troubles.projector_seconds > reading.SLOW_SECONDS:
        told.append(_("The facts are behind the ledger: look whether the projector runs."))
    return told


def _services(answers: Sequence[Told], sources: Mapping[str, Any], asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("service", _("Service"), "code"),
        Column("state", _("Answers")),
        Column("took", _("Time to answer"), "number", _("milliseconds")),
        Column("recorded", _("Recorded events"), "number"),
        Column("ledger", _("Of these in the ledger"), "number"),
        Column("behind", _("On their way"), "number"),
        Column("moved", _("Last arrival in the ledger"), "moment"),
    ]
    rows = [_service(each, sources.get(each.service, {}), asked) for each in answers]
    return Table("services", _("Recording services"), columns, rows)


def _service(told: Told, source: Mapping[str, Any], asked: Asked) -> Mapping[str, Cell]:
    recorded = told.body.get("sequence") if isinstance(told.body, dict) else None
    # Taken a moment after: the ledger may hold more than the service had when it was asked.
    arrived = int(source.get("sequence", 0))
    return {
        "service": told.service,
        "state": _state(told, asked),
        "took": None if told.status is None else round(told.seconds * 1000),
        "recorded": recorded,
        "ledger": arrived,
        "behind": None if recorded is None else max(0, recorded - arrived),
        "moved": dt.datetime.fromisoformat(source["moved_at"]) if source else None,
    }


def _state(told: Told, asked: Asked) -> str:
    _ = asked._
    if told.status is None:
        return _("no answer within a second")
    if told.status == 200:
        return _("yes")
    return _("status %(status)s") % {"status": told.status}


def _reporting(known: Mapping[str, Any], troubles: Troubles, asked: Asked) -> Table:
    _ = asked._
    signed = known["checkpoint"]
    at = dt.datetime.fromisoformat(signed["signed_at"]) if signed else None
    columns = [
        Column("what", _("What")),
        Column("position", _("Position"), "number"),
        Column("behind", _("Behind the ledger"), "number"),
        Column("since", _("Since"), "moment"),
    ]
    position = known["position"]
    rows: list[Mapping[str, Cell]] = [
        {"what": _("Ledger"), "position": position, "since": troubles.last_leaf},
        {
            "what": _("Facts"),
            "position": known["projected"],
            "behind": position - known["projected"],
            "since": troubles.moved_at,
        },
        {
            "what": _("Checkpoint"),
            "position": signed and signed["size"],
            "behind": signed and position - signed["size"],
            "since": at,
        },
        {
            "what": _("Checkpoint cosigned by a witness"),
            "position": signed and signed["cosigned"],
            "behind": signed and position - signed["cosigned"],
        },
    ]
    return Table("reporting", _("Reporting"), columns, rows)


def _gaps(troubles: Troubles, asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("source", _("Service"), "code"),
        Column("first", _("First missing number"), "number"),
        Column("last", _("Last missing number"), "number"),
        Column("noticed", _("Noticed"), "moment"),
    ]
    rows = [{"source": each[0], "first": each[1], "last": each[2], "noticed": each[3]} for each in troubles.gaps]
    return Table("gaps", _("Open gaps"), columns, rows)


def _alarms(troubles: Troubles, asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("kind", _("What happened")),
        Column("source", _("Service"), "code"),
        Column("sequence", _("Number"), "number"),
        Column("raised", _("When"), "moment"),
    ]
    named = {
        "differs": _("another body under a number that is taken"),
        "unreadable": _("no event that can be read"),
        "sender": _("not sent by whom it claims to be of"),
        "rejected": _("refused by the ledger's own rules"),
        "history": _("the ledger's own history changed"),
    }
    rows = [
        {"kind": named.get(each[0], each[0]), "source": each[1], "sequence": each[2], "raised": each[3]}
        for each in troubles.alarms
    ]
    return Table("alarms", _("Alarms, the newest first"), columns, rows)
