"""One event in plain words: what it says, what was said of it later, where it stands, and the proof of it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from miriam_reporting.audit.event import NotProved, Story, Turn
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.parts.evidence import saying
from miriam_reporting.web.parts.evidence.part import PART, READERS
from miriam_reporting.web.parts.evidence.proof import proof_of
from miriam_reporting.web.parts.evidence.stories import payload, story_for
from miriam_reporting.web.parts.outcomes.places import Place, names
from miriam_reporting.web.view import Cell, Column, Link, Table, View


@PART.page("/events/<event>", roles=READERS, look="event")
def event(asked: Asked, event: str) -> Page:
    """An event, to the bottom. Raises UnknownEvent, BadAsOf, NoCheckpointYet."""
    try:
        found = story_for(asked, event)
    except NotProved as wrong:
        return Page("evidence/untrue.html", View("event", asked._("Not proved"), ()), status=500, wrong=str(wrong))
    turn, data = found.event, payload(found.event)
    tables = [_said(asked, turn, data), _chain(asked, found), _stands(asked, found)]
    name = saying.title(turn.type, data, asked.language)
    view = View("event", name, tables, position=found.position, checkpoint=_head(found))
    return Page(
        "evidence/event.html",
        view,
        turn=turn,
        emitter=emitter(asked, turn.origin),
        occurred_on=_occurred_on(data),
        standing=found.standing,
        is_later=turn.position > found.position,
        proof=proof_of(asked, found),
        participation=_participation(data),
    )


def emitter(asked: Asked, origin: str | None) -> str:
    """Who emitted, in words, from `/cpas/anderlecht`."""
    _, kind, name = (origin or "//").split("/", 2)
    called = names(asked).of(Place("cpas", name)) if kind == "cpas" else name
    if called != name:
        return asked._("the %(name)s") % {"name": called}
    kinds = {
        "cpas": asked._("the CPAS of %(name)s"),
        "authority": asked._("the authority (%(name)s)"),
        "dpo": asked._("the data protection officer (%(name)s)"),
    }
    return kinds.get(kind, asked._("the service %(name)s")) % {"name": name}


def _occurred_on(data: Mapping[str, Any]) -> str | None:
    inner = data.get("replacement", data)
    return inner.get("occurred_on") if isinstance(inner, dict) else None


def _participation(data: Mapping[str, Any]) -> str | None:
    inner = data.get("replacement", data)
    told = inner.get("participation") if isinstance(inner, dict) else None
    return told if isinstance(told, str) else None


def _said(asked: Asked, turn: Turn, data: Mapping[str, Any]) -> Table:
    _ = asked._
    columns = [
        Column("field", _("What")),
        Column("value", _("Says")),
        Column("name", _("Field of the contract"), "code"),
    ]
    return Table("said", _("What the event says"), columns, saying.said(turn.type, data, asked))


def _chain(asked: Asked, story: Story) -> Table:
    _ = asked._
    columns = [
        Column("position", _("Position"), "number"),
        Column("step", _("What happened to the fact")),
        Column("noted", _("Noted"), "moment"),
        Column("by", _("By")),
        Column("reason", _("Why")),
        Column("changed", _("What changed")),
    ]
    rows = [_turn_row(asked, turn, story.event) for turn in story.chain]
    return Table("chain", _("What was said of this fact, in its order"), columns, rows)


def _turn_row(asked: Asked, turn: Turn, shown: Turn) -> Mapping[str, Cell]:
    here = turn.event_id == shown.event_id
    return {
        "position": turn.position if here else Link(turn.position, url_for("evidence.event", event=turn.event_id)),
        "step": word(asked.language, "step", turn.step),
        "noted": _moment(turn.time),
        "by": emitter(asked, turn.origin),
        "reason": saying.reason(turn.reason, asked.language) if turn.reason else None,
        "changed": saying.changes(turn.type, payload(turn), turn.changes, asked) or None,
    }


def _stands(asked: Asked, story: Story) -> Table:
    _ = asked._
    turn = story.event
    rows: list[Mapping[str, Cell]] = [
        {"what": _("Id of the event"), "value": turn.event_id},
        {"what": _("Type"), "value": turn.type},
        {"what": _("Position in the ledger (leaf)"), "value": asked.format.number(turn.position)},
        {
            "what": _("Recorded by, under number"),
            "value": f"{turn.source} {asked.format.number(turn.sequence)}",
        },
        {"what": _("Recorded at"), "value": asked.format.moment(turn.recorded) if turn.recorded else None},
        {"what": _("Hash of the leaf (SHA-256)"), "value": turn.leaf.hex()},
    ]
    columns = [Column("what", _("What")), Column("value", _("Value"), "code")]
    return Table("stands", _("Where it stands in the ledger"), columns, rows)


def _head(story: Story) -> Mapping[str, object]:
    head = story.proven.head.as_json()
    return {"size": head["size"], "root": head["root"]}


def _moment(text: str | None) -> Cell:
    return saying.moment(text) if text else None
