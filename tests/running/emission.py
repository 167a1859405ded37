"""A scenario on its way through real emitters, while a test does other things to the platform."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_emitter import Emitter, EmitterPool, Settings
from miriam_emitter.reader import Reader
from miriam_emitter.receipts import Receipt
from miriam_local.processes import wait_until
from miriam_simulator.diary import DUPLICATE, RECORDED, REFUSED, Diary, Item
from miriam_simulator.scenarios import Scenario

Receipts = dict[tuple[str, str], dict[str, Any]]
Subject = tuple[str, str, str]  # the owner, the emitter, the subject
_PAGE = 1000
# A patience that outlasts the test: an emitter that sends again what is not answered would hide every loss. What the
# broker had not confirmed is sent again at once in any case.
_PATIENCE = 600.0


class Emission:
    """Emitters that run in a thread of their own; what is put is sent, whatever happens to the platform.

    `over`: `amqp` or `http`; as the credentials say where it is empty.
    """

    def __init__(self, home: Path, scenario: Scenario, over: str = "") -> None:
        # Each attempt to reach a broker that is away would be told in eight lines.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self.diaries = list(scenario.diaries())
        self._close = scenario.edition.closed_on
        self._stack = ExitStack()
        settings = {
            diary.id: replace(Settings.load(diary.id, home=home, over=over), timeout=_PATIENCE)
            for diary in self.diaries
        }
        self._emitters = {name: self._stack.enter_context(Emitter(each)) for name, each in settings.items()}
        self._pool = EmitterPool(list(self._emitters.values()))
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="emission")

    def __enter__(self) -> Emission:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.stop()
        self._thread.join(30)
        self._stack.close()

    def _run(self) -> None:
        try:
            self._pool.run(until_drained=False)
        except BaseException as trouble:
            self._trouble = trouble

    def waves(self) -> tuple[list[tuple[str, Item]], list[tuple[str, Item]]]:
        """What was noted until the close, and what came after, which may rest on what others noted before it."""
        return self._merged(lambda diary: diary.until(self._close)), self._merged(
            lambda diary: diary.since(self._close)
        )

    def _merged(self, part: Callable[[Diary], Iterator[Item]]) -> list[tuple[str, Item]]:
        each = [[(diary.id, item) for item in part(diary)] for diary in self.diaries]
        return list(heapq.merge(*each, key=lambda pair: pair[1].noted))

    def put(self, items: Iterable[tuple[str, Item]]) -> None:
        """Spool emissions, each emitter's in this order; an emission that the scenario sends twice is sent twice."""
        in_order = sorted(items, key=lambda pair: pair[0])
        for (name, again), run in groupby(in_order, key=lambda pair: (pair[0], pair[1].expect == DUPLICATE)):
            self._emitters[name].put([item.event for _, item in run], again=again)

    def waiting(self) -> int:
        """How many have no receipt yet. Raises what ended the emitters."""
        if self._trouble is not None:
            raise self._trouble
        return sum(emitter.spool.count_waiting() for emitter in self._emitters.values())

    def wait_until_waiting(self, most: int, seconds: float) -> bool:
        """Whether, within that time, no more than `most` had no receipt."""
        return wait_until(lambda: self.waiting() <= most, seconds, 0.02)


def emit(home: Path, emitter: str, events: Iterable[Mapping[str, Any]], spool: Path) -> list[Receipt]:
    """Emit events out of a spool of their own, wait for their receipts, and answer these in the order of the events."""
    wanted = list(events)
    with Emitter(replace(Settings.load(emitter, spool, home), timeout=_PATIENCE)) as sender:
        sender.put(wanted)
        sender.run(patience=60)
        found = {receipt.id: receipt for receipt in sender.spool.answers(event["id"] for event in wanted)}
    return [found[event["id"]] for event in wanted]


def receipts(home: Path, diaries: Iterable[Diary]) -> Receipts:
    """Every receipt that the emitters keep, by emitter's source and event's id."""
    found: Receipts = {}
    for diary in diaries:
        with Reader(Settings.load(diary.id, home=home).spool) as reader:
            page = reader.after("", _PAGE)
            while page:
                found |= {(diary.source, receipt.id): receipt.content for receipt in page}
                page = reader.after(page[-1].id, _PAGE)
    return found


def unforeseen(diaries: Iterable[Diary], found: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    """The emissions that were answered otherwise than the scenario foresees. Recorded before counts as recorded."""
    surprises = []
    for diary in diaries:
        for item in diary.items:
            receipt = found.get((diary.source, item.event["id"]), {})
            outcome = receipt.get("receipt", "none")
            codes = [problem["code"] for problem in receipt.get("problems", ())]
            refused = outcome == REFUSED and item.rule in codes
            if not refused if item.expect == REFUSED else outcome not in (RECORDED, DUPLICATE):
                told = f"{outcome} {codes}, foreseen {item.expect} {item.rule}"
                surprises.append(f"{diary.source} {item.event['id']}: {told}")
    return surprises


def to_be_recorded(diaries: Iterable[Diary]) -> dict[Subject, list[str]]:
    """The recorded ids that the scenario must lead to: by owner, emitter and subject, in the order of emission."""
    found: dict[Subject, list[str]] = {}
    for diary in diaries:
        for item in diary.items:
            if item.expect == RECORDED:
                owner = EVENT_TYPES[item.event["type"]].owner
                found.setdefault((owner, diary.source, item.event["subject"]), []).append(item.recorded_id())
    return found
