"""What the spool makes of each fact: it is new, known, on its way, or stands there with another content.

A fact that was recorded is never sent again with another content: where the row gives a reason, a correction is sent
that names the first fact and the version that stands; or a retraction. Both have ids of their own, made of the row's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from miriam_contracts.codes import CORRECTION_REASONS
from miriam_emitter import Emitter
from miriam_emitter.events import Entry
from miriam_emitter.spool import Kept
from miriam_importer import problems, words
from miriam_importer.ids import correction_id, withdrawal_id
from miriam_importer.problems import Trouble
from miriam_importer.rows import Draft
from miriam_importer.sheets.model import CORRECTION, Sheet

_RECORDED = ("recorded", "duplicate")


class Would(Enum):
    """What would become of a fact."""

    NEW = "new"
    AGAIN = "again"  # it was refused before: a refused id is not consumed
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    WAIT = "wait"  # on its way already, with this content
    KNOWN = "known"  # it stands there with this content


@dataclass(frozen=True, slots=True)
class Step:
    """One fact and what would become of it. `id` is that of the event that answers for it; `entry` what is sent."""

    draft: Draft
    would: Would
    id: str
    entry: Entry | None = None


@dataclass
class Plan:
    """The steps in the order of sending, and the rows that cannot be sent as they are."""

    steps: list[Step] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        """What is to be sent."""
        return [step.entry for step in self.steps if step.entry]


@dataclass
class _Story:
    """What lies in the spool of one row: its first event, its corrections in their order, its retraction."""

    first: Kept
    corrections: list[Kept] = field(default_factory=list)
    withdrawal: Kept | None = None


class Planner:
    """Plans the facts of one sheet against the spool of the emitter that will send them.

    `now` is this moment (RFC 3339), `today` the day in Brussels.
    """

    def __init__(self, sender: Emitter, sheet: Sheet, language: str, now: str, today: str) -> None:
        self._sender = sender
        self._sheet = sheet
        self._language = language
        self._now = now
        self._today = today

    def plan(self, drafts: Sequence[Draft]) -> Plan:
        """What would become of each. Raises as `Emitter.prepare` does."""
        stories = self._stories([draft.id for draft in drafts])
        plan = Plan()
        for draft in drafts:
            found = self._step(draft, stories.get(draft.id))
            if isinstance(found, Step):
                plan.steps.append(found)
            else:
                plan.troubles += found
        return plan

    def _stories(self, ids: Iterable[str]) -> dict[str, _Story]:
        spool = self._sender.spool
        found = {id_: _Story(kept) for id_, kept in spool.kept(ids).items()}
        withdrawn = spool.kept(map(withdrawal_id, found))
        longer = list(found)
        number = 1
        while longer:
            more = spool.kept(correction_id(id_, number) for id_ in longer)
            longer = [id_ for id_ in longer if correction_id(id_, number) in more]
            for id_ in longer:
                found[id_].corrections.append(more[correction_id(id_, number)])
            number += 1
        for id_, story in found.items():
            story.withdrawal = withdrawn.get(withdrawal_id(id_))
        return found

    def _step(self, draft: Draft, story: _Story | None) -> Step | list[Trouble]:
        if story is None or _outcome(story.first) == "refused":
            if draft.withdraw:
                return self._trouble(draft, "nothing_recorded")
            return Step(draft, Would.AGAIN if story else Would.NEW, draft.id, self._entry(draft.event))
        first = self._entry(draft.event)
        if not _recorded(story.first):
            return self._on_its_way(draft, draft.id, first.fingerprint == story.first.fingerprint)
        if story.withdrawal and _outcome(story.withdrawal) != "refused":
            if not draft.withdraw:
                return self._trouble(draft, "row_withdrawn")
            known = Would.KNOWN if _recorded(story.withdrawal) else Would.WAIT
            return Step(draft, known, withdrawal_id(draft.id))
        return self._against(draft, story, first)

    def _against(self, draft: Draft, story: _Story, first: Entry) -> Step | list[Trouble]:
        """The step for a fact that stands, perhaps corrected already."""
        last = story.corrections[-1] if story.corrections else None
        if last and _outcome(last) == "refused":
            standing, number = [story.first, *story.corrections][-2], len(story.corrections)
        else:
            standing, number = last or story.first, len(story.corrections) + 1
            if last and not _recorded(last):
                same = self._as_corrected(draft, last).fingerprint == last.fingerprint
                return self._on_its_way(draft, correction_id(draft.id, len(story.corrections)), same)
        if draft.withdraw:
            return self._withdraw(draft, story.first, standing)
        corrected = standing is not story.first
        same = (self._as_corrected(draft, standing) if corrected else first).fingerprint == standing.fingerprint
        if same:
            at = story.corrections.index(standing) + 1 if corrected else 0
            return Step(draft, Would.KNOWN, correction_id(draft.id, at) if at else draft.id)
        if not draft.reason:
            return self._trouble(draft, "row_changed", reasons=True)
        told = {"corrects": _event_id(story.first), "replacement": draft.event["data"]}
        return self._send(draft, Would.CORRECT, correction_id(draft.id, number), "corrected", standing, told)

    def _withdraw(self, draft: Draft, first: Kept, standing: Kept) -> Step | list[Trouble]:
        if not draft.reason:
            return self._trouble(draft, "withdraw_why", reasons=True)
        told = {"retracts": _event_id(first)}
        return self._send(draft, Would.WITHDRAW, withdrawal_id(draft.id), "retracted", standing, told)

    def _send(self, draft: Draft, would: Would, id_: str, name: str, standing: Kept, told: dict[str, Any]) -> Step:
        event = {
            "type": f"miriam.{self._sheet.family}.{name}.v1",
            "id": id_,
            "subject": draft.event["subject"],
            "time": self._now,
            "data": {
                "fact": draft.fact,
                "reason": draft.reason,
                "occurred_on": self._today,
                "supersedes": _event_id(standing),
                **told,
            },
        }
        return Step(draft, would, id_, self._entry(event))

    def _as_corrected(self, draft: Draft, correction: Kept) -> Entry:
        """The correction in the spool, made anew with what the row says today: to see whether they differ."""
        kept = json.loads(correction.body)
        event = {name: kept[name] for name in ("type", "id", "subject", "time", "data")}
        event["data"] = {**kept["data"], "replacement": draft.event["data"]}
        return self._entry(event)

    def _on_its_way(self, draft: Draft, id_: str, same: bool) -> Step | list[Trouble]:
        return Step(draft, Would.WAIT, id_) if same else self._trouble(draft, "row_waiting")

    def _trouble(self, draft: Draft, code: str, *, reasons: bool = False) -> list[Trouble]:
        column = self._sheet.by_key[CORRECTION] if reasons else None
        allowed = ""
        if reasons:
            named = words.words_of("correction_reasons", CORRECTION_REASONS)
            allowed = ", ".join(word[self._language] for word in named.values())
        return [problems.of_rule(row, column, code, allowed, self._language) for row in draft.rows]

    def _entry(self, event: dict[str, Any]) -> Entry:
        (entry,) = self._sender.prepare(event)
        return entry


def _outcome(kept: Kept) -> str:
    return kept.receipt.outcome if kept.receipt and kept.state == "done" else ""


def _recorded(kept: Kept) -> bool:
    return _outcome(kept) in _RECORDED


def _event_id(kept: Kept) -> str:
    """The recorded id, as the service's own receipt has it."""
    assert kept.receipt is not None
    return str(kept.receipt.content["events"][0]["id"])
