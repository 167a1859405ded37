"""The life of a report as tables: its steps, whose signatures there are, what was published."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.parts.evidence.event import emitter
from miriam_reporting.web.parts.outcomes.places import Place, names
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Cell, Column, Table

Told = Mapping[str, Any]


def reports_table(lives: Sequence[Told], asked: Asked, link: Mapping[str, Cell]) -> Table:
    """Where each report stands; `link` gives the cell of each name."""
    _ = asked._
    own = asked.viewer.role is Role.CPAS
    columns = [
        Column("report", _("Report")),
        Column("edition", _("Edition")),
        Column("status", _("Where it stands")),
        Column("position", _("Position"), "number"),
        Column("signed", _("Signatures"), "number"),
        Column("unsigned", _("Missing signatures"), "number"),
        *([Column("own", _("Your signature"))] if own else []),
        Column("published", _("Last published"), "date"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "report": link[each["report"]],
            "edition": each["edition"],
            "status": status_of(each, asked),
            "position": each["position"],
            "signed": len(each["signers"]) - len(each["unsigned"]),
            "unsigned": len(each["unsigned"]),
            "own": own_signature(each, asked),
            "published": _last_day(each),
        }
        for each in reversed(lives)
    ]
    return Table("reports", _("Reports"), columns, rows)


def steps_table(told: Told, asked: Asked) -> Table:
    """Each step, and by whom; signatures that follow each other are one row."""
    _ = asked._
    columns = [
        Column("when", _("When"), "moment"),
        Column("step", _("Step")),
        Column("actor", _("By")),
        Column("position", _("Position"), "number"),
        Column("reason", _("Why")),
    ]
    return Table("steps", _("What happened"), columns, [*_steps(told["steps"], asked)])


def signers_table(told: Told, asked: Asked) -> Table:
    """Who is to sign, and has."""
    _ = asked._
    called = names(asked)
    columns = [
        Column("cpas", word(asked.language, "level", "cpas")),
        Column("id", _("Code"), "code"),
        Column("signed", _("Has signed"), "flag"),
        Column("key", _("Has a registered key"), "flag"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "cpas": called.of(Place("cpas", each["cpas"])),
            "id": each["cpas"],
            "signed": each["signed"],
            "key": each["key"] is not None,
        }
        for each in told["signers"]
    ]
    return Table("signers", _("Signatures of the newest draft"), columns, rows)


def publications_table(told: Told, asked: Asked) -> Table:
    """What was published, the newest first."""
    _ = asked._
    columns = [
        Column("day", _("Day"), "date"),
        Column("kind", _("Step")),
        Column("position", _("Position"), "number"),
        Column("reason", _("Why it was restated")),
        Column("unsigned", _("Missing signatures"), "number"),
        Column("unsigned_reason", _("Why without them")),
        Column("digest", _("Digest of the figures"), "id"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "day": dt.date.fromisoformat(each["occurred_on"]),
            "kind": word(asked.language, "life", "restated" if each["restated"] else "published"),
            "position": each["position"],
            "reason": each.get("reason"),
            "unsigned": len(each["unsigned"]),
            "unsigned_reason": each.get("unsigned_reason"),
            "digest": each["digest"],
        }
        for each in reversed(told["publications"])
    ]
    return Table("publications", _("What was published"), columns, rows)


def status_of(told: Told, asked: Asked) -> str:
    """Where a report stands, in a word."""
    return word(asked.language, "life", told["status"])


def own_signature(told: Told, asked: Asked) -> str | None:
    """Of a CPAS: whether it has signed the newest draft."""
    _ = asked._
    own = next((each for each in told["signers"] if each["cpas"] == asked.viewer.cpas), None)
    if own is None:
        return _("nothing to sign")
    return _("signed") if own["signed"] else _("missing")


def _steps(steps: Sequence[Told], asked: Asked) -> Iterator[Mapping[str, Cell]]:
    for (name, _), group in groupby(steps, key=lambda each: (each["step"], each.get("position"))):
        alike = list(group)
        for each in alike[-1:] if name == "signed" else alike:
            yield {
                "when": dt.datetime.fromisoformat(each["time"]),
                "step": word(asked.language, "life", each["step"]),
                "actor": _actor(alike, asked) if name == "signed" else _called(each["actor"], asked),
                "position": each.get("position"),
                "reason": " · ".join(filter(None, (each.get("reason"), each.get("unsigned_reason")))) or None,
            }


def _actor(alike: Sequence[Told], asked: Asked) -> str:
    """Who signed, where it is one, or one's own signature is among them; how many, where they are several."""
    if asked.viewer.role is Role.CPAS:
        own = f"cpas.{asked.viewer.cpas}"
        others = sum(each["actor"] != own for each in alike)
        told = asked.ngettext("%(num)s CPAS", "%(num)s CPAS", others) % {"num": others}
        named = [_called(own, asked)] if others < len(alike) else []
        return asked.format.listed([*named, *([told] if others else [])])
    if len(alike) == 1:
        return _called(alike[0]["actor"], asked)
    return asked.ngettext("%(num)s CPAS", "%(num)s CPAS", len(alike)) % {"num": len(alike)}


def _called(actor: str, asked: Asked) -> str:
    """Who takes a step, in words, from `cpas.anderlecht`."""
    kind, _, name = actor.partition(".")
    return emitter(asked, f"/{kind}/{name}")


def _last_day(told: Told) -> dt.date | None:
    return dt.date.fromisoformat(told["publications"][-1]["occurred_on"]) if told["publications"] else None
