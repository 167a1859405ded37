"""What waits on the broker: in the inboxes, for the ledger, and for those who fetch their receipts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_platform import broker_address
from miriam_platform.amqp import Link, Lost
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.owners import PATIENCE
from miriam_reporting.web.parts.arrivals.part import registered
from miriam_reporting.web.view import Cell, Column, Table


@dataclass(frozen=True, slots=True)
class Waiting:
    """Queues of one kind: how many answered, how many messages wait in them, and the fullest of them."""

    queues: int
    messages: int
    fullest: str | None


def waiting(asked: Asked) -> Mapping[str, Waiting] | None:
    """By kind, as `inbox.intake`; None where the broker does not answer."""
    kinds = _kinds(asked.database.ask(registered))
    found: dict[str, int | None] = {}
    try:
        link = Link(asked.settings.broker, "reporting-pages")
        try:
            found.update(link.open(PATIENCE).waiting_in([name for names in kinds.values() for name in names], PATIENCE))
        finally:
            link.close()
    except (Lost, broker_address.Unusable):
        return None
    return {kind: _counted(names, found) for kind, names in kinds.items()}


def table(found: Mapping[str, Waiting], asked: Asked) -> Table:
    """A row for each kind of queue."""
    _ = asked._
    columns = [
        Column("what", _("What")),
        Column("queues", _("Queues"), "number"),
        Column("messages", _("Messages waiting"), "number"),
        Column("fullest", _("The fullest"), "code"),
    ]
    told: Mapping[str, Callable[[str], str]] = {
        "inbox": lambda service: _("Sent by CPAS, not yet taken by %(service)s") % {"service": service},
        "ledger": lambda service: _("Recorded by %(service)s, not yet in the ledger") % {"service": service},
        "receipts": lambda _service: _("Receipts that no CPAS has fetched yet"),
        "unroutable": lambda _service: _("Messages that no queue takes, to be answered with a refusal"),
    }
    rows: list[Mapping[str, Cell]] = []
    for kind, each in found.items():
        name, _dot, service = kind.partition(".")
        rows.append(
            {"what": told[name](service), "queues": each.queues, "messages": each.messages, "fullest": each.fullest}
        )
    return Table("queues", _("What waits on the broker"), columns, rows)


def _kinds(cpas: Sequence[str]) -> Mapping[str, Sequence[str]]:
    inboxes = {f"inbox.{service}": [f"{service}.inbox.{each}" for each in cpas] for service in RECORDING_SERVICES}
    ledger = {f"ledger.{service}": [f"reporting.ledger.{service}"] for service in RECORDING_SERVICES}
    return {
        **inboxes,
        **ledger,
        "receipts": [f"cpas.receipts.{each}" for each in cpas],
        "unroutable": ["intake.unroutable"],
    }


def _counted(names: Sequence[str], found: Mapping[str, int | None]) -> Waiting:
    told = {name: number for name in names if (number := found.get(name)) is not None}
    fullest = max(told, key=lambda name: told[name], default=None)
    return Waiting(len(told), sum(told.values()), fullest if fullest and told[fullest] else None)
