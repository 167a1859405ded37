"""The doors, without transport: contract, authority, duplicates and the three deciders, as the recorder runs them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import orjson

from miriam_contracts.canonical import canonical
from miriam_contracts.envelope import authority_problems, parse, personal_of, without_personal
from miriam_contracts.history import INITIAL, Fact, History, evolve
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import ContractError, Refusal
from miriam_groups.domain import decide as decide_groups
from miriam_intake.domain import decide as decide_intake
from miriam_sessions.domain import decide as decide_sessions

DECIDE = {"intake": decide_intake, "sessions": decide_sessions, "groups": decide_groups}
_STREAM = {"sessions": "participation", "groups": "group"}


class Doors:
    """Every stream of the three services. `receive` answers with the outcome and the first rule broken."""

    def __init__(self) -> None:
        self.streams: dict[str, History] = defaultdict(lambda: INITIAL)
        self.known: dict[tuple[str, str], bytes] = {}
        self.today = dt.date.today().isoformat()  # noqa: DTZ011 - any day after the edition will do

    def receive(self, body: bytes, kind: str, emitter: str) -> tuple[str, str]:
        try:
            emitted = parse(body)
        except ContractError as error:
            return "refused", error.problems[0].code
        problems = authority_problems(emitted, kind, emitter)
        block = personal_of(emitted.data)
        if block is not None:
            problems += emitted.event_type.load_personal(block, emitted.data.get("fact", ""))
        if problems:
            return "refused", problems[0].code
        stated = canonical(orjson.loads(body))
        key = (emitted.source, emitted.id)
        if key in self.known:
            return ("duplicate", "") if self.known[key] == stated else ("refused", "id_reused")
        outcome = self._decide(emitted.event_type.owner, emitted)
        if outcome[0] == "recorded":
            self.known[key] = stated
        return outcome

    def _decide(self, service: str, emitted: Any) -> tuple[str, str]:
        event_type = emitted.event_type
        identity = recorded_id(service, emitted.source, emitted.id)
        data = without_personal(emitted.data)
        what = event_type.family, event_type.fact, event_type.version
        fact = Fact(*what, emitted.source, emitted.subject, data, identity, self.today)
        stream = f"{service}:{_STREAM.get(service, event_type.family)}:{emitted.subject}"
        decided = DECIDE[service](self.streams[stream], fact)
        if isinstance(decided, Refusal):
            return "refused", decided.problems[0].code
        for event in decided:
            recorded = {"type": event_type.type, "id": identity, "origin": emitted.source, "data": event.data}
            self.streams[stream] = evolve(self.streams[stream], recorded)
        return "recorded", ""
