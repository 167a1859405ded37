"""The same scenario as the services would have recorded it: leaf bodies, to load a ledger the fast way for benches.

No door is passed: what must be refused is left out, what was sent twice stands once, personal blocks are taken off,
and intake's additions are made from the seed instead of a random source.
"""

import hashlib
import heapq
from collections.abc import Iterator
from typing import Any

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES
from miriam_contracts.envelope import personal_of, without_personal
from miriam_contracts.identity import recorded_id
from miriam_simulator import protection
from miriam_simulator.authority import Authority
from miriam_simulator.diary import RECORDED, Diary, Event, Item, moment
from miriam_simulator.scenarios import Scenario

_MICROS = 350_000  # recorded a third of a second after it was noted
_SALT_CHARACTERS = 32
_BANDS = ((18, "under_18"), (30, "18_29"), (55, "30_54"))


def leaves(scenario: Scenario) -> Iterator[bytes]:
    """Leaf bodies in an order that the ledger could have taken: by the moment of noting within each block.

    The authority's and the officer's facts of a block come at its beginning, in theirs.
    """
    recorder = _Recorder(scenario.seed)
    authority, officer = Authority(scenario.edition, scenario.seed), protection.officer()
    for block in scenario.blocks():
        authority.play(block)
        diaries = list(scenario.of_block(block, officer, authority.diary))
        yield from recorder.record([authority.diary, officer, *diaries])
        authority.diary.items.clear()
        officer.items.clear()
    authority.close()
    yield from recorder.record([authority.diary])


class _Recorder:
    """Numbers the events of each service and adds what the recorder adds."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed).encode()
        self._sequence = dict.fromkeys(RECORDING_SERVICES, 0)
        self._added: dict[str, Event] = {}

    def record(self, diaries: list[Diary]) -> Iterator[bytes]:
        for diary in diaries:
            diary.sort()
        for item in heapq.merge(*(diary.items for diary in diaries), key=lambda item: item.noted):
            if item.expect == RECORDED:
                yield self._leaf(item)
        self._added.clear()

    def _leaf(self, item: Item) -> bytes:
        event = item.event
        event_type = EVENT_TYPES[event["type"]]
        owner, source, originid = event_type.owner, event["source"], event["id"]
        self._sequence[owner] += 1
        identity = recorded_id(owner, source, originid)
        digest = hashlib.sha256(self._seed + identity.encode()).hexdigest()
        recorded = {
            "correlationid": identity,
            "data": self._data(event, event_type.family),
            "datacontenttype": "application/json",
            "id": identity,
            "origin": source,
            "originid": originid,
            "recordedtime": moment(item.noted, _MICROS),
            "salt": digest[:_SALT_CHARACTERS],
            "sequence": self._sequence[owner],
            "source": f"/services/{owner}",
            "specversion": "1.0",
            "subject": event["subject"],
            "time": event["time"],
            "type": event["type"],
        }
        if personal_of(event["data"]) is not None:
            recorded["personaldigest"] = hashlib.sha256(digest.encode()).hexdigest()
        return canonical(recorded)

    def _data(self, event: Event, family: str) -> Event:
        data = without_personal(event["data"])
        if family != "participation":
            return data
        subject = event["subject"]
        if event["type"] == "miriam.participation.enrolled.v1":
            self._added[subject] = self._who(event["data"], subject)
            return {**data, **self._added[subject]}
        if data.get("fact") == "enrolled" and "replacement" in data:
            return {**data, "replacement": {**data["replacement"], **self._added[subject]}}
        return data

    def _who(self, data: Event, participation: str) -> Event:
        """What intake adds: one number is one person; without a number each participation is a person of its own."""
        block: dict[str, Any] = data["personal"]
        number = block.get("niss")
        key = (number or participation).encode()
        person = hashlib.sha256(b"person" + self._seed + key).hexdigest()[:_SALT_CHARACTERS]
        return {
            "person": f"prs-{person}",
            "person_known_by": "number" if number else "none",
            "age_band": _age_band(block["birth_date"], data["occurred_on"]),
        }


def _age_band(born: str, on: str) -> str:
    years = int(on[:4]) - int(born[:4]) - (on[5:] < born[5:])
    return next((band for below, band in _BANDS if years < below), "55_plus")
