"""Sending a scenario through its emitters and the broker, and comparing every receipt with the generator's truth.

Each emitter keeps its own spool, as a CPAS would. So a second run sends nothing that has been answered.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from miriam_cli.exits import Exit, Failure
from miriam_emitter import Emitter, EmitterError, EmitterPool, IdReused, Progress, Put, Settings, Unreachable
from miriam_emitter.receipts import Receipt
from miriam_simulator.diary import DUPLICATE, REFUSED, Diary, Item
from miriam_simulator.scenarios import Scenario

Advance = Callable[[int], None]
_KEPT = ("recorded", "duplicate")


@dataclass(slots=True)
class Sent:
    """What became of a scenario.

    Attributes:
        emissions: how many the scenario holds.
        added: how many of them were new to the spools, and so were sent.
        answers: the receipts of this run, by outcome.
        resent: emissions that were sent again for want of a receipt.
        seconds: how long sending took.
        surprises: answers that the generator did not foresee.
    """

    emissions: int = 0
    added: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    seconds: float = 0.0
    surprises: list[str] = field(default_factory=list)


def send(scenario: Scenario, advance: Advance, patience: float | None) -> Sent:
    """Emit what has no answer yet: first everything until the close, then what came after. `advance` counts receipts.

    Raises:
        Failure: credentials are missing, ids were used by another seed, or nobody answers for `patience` seconds.
    """
    sent, diaries, close = Sent(), list(scenario.diaries()), scenario.edition.closed_on
    with _explained(), _quietly(), _emitters(diaries) as emitters:
        waves = [[list(diary.until(close)) for diary in diaries], [list(diary.since(close)) for diary in diaries]]
        for wave in waves:
            for diary, items in zip(diaries, wave, strict=True):
                sent.added += _put(emitters[diary.id], items)
            # What has to wait for others' facts is in the second wave: nothing overtakes them.
            _run(list(emitters.values()), sent, advance, patience)
        for diary in diaries:
            _compare(diary, emitters[diary.id], sent)
    return sent


def _put(emitter: Emitter, items: list[Item]) -> int:
    """Spool what is new; refused emissions stay refused. Returns how many were added.

    What has its receipt is put all the same: the spool compares it, and tells of an id used for another content.
    """
    receipts = list(emitter.spool.answers(item.event["id"] for item in items))
    answered = {receipt.id for receipt in receipts}
    refused = {receipt.id for receipt in receipts if receipt.outcome == "refused"}
    once = [item.event for item in items if item.expect != DUPLICATE and item.event["id"] not in refused]
    added = sum(put is Put.ADDED for put in emitter.put(once))
    again = [item.event for item in items if item.expect == DUPLICATE and item.event["id"] not in answered]
    if added and again:
        emitter.put(again, again=True)
        added += len(again)
    return added


def _run(emitters: list[Emitter], sent: Sent, advance: Advance, patience: float | None) -> None:
    shown = 0

    def report(progress: Progress) -> None:
        nonlocal shown
        answered = progress.total.answered
        advance(answered - shown)
        shown = answered

    end = EmitterPool(emitters).run(progress=report, patience=patience)
    total = end.total
    sent.answers.update(
        {"recorded": total.recorded, "duplicate": total.duplicate, "refused": total.refused, "parked": total.parked}
    )
    sent.resent += total.resent
    sent.seconds += end.seconds


def _compare(diary: Diary, emitter: Emitter, sent: Sent) -> None:
    receipts = {receipt.id: receipt for receipt in emitter.spool.answers({item.event["id"] for item in diary.items})}
    for item in diary.items:
        sent.emissions += 1
        receipt = receipts.get(item.event["id"])
        if not _foreseen(item, receipt):
            answer = "no receipt" if receipt is None else _words(receipt)
            sent.surprises.append(f"{diary.source} {item.event['id']}: {answer}; expected {item.expect} {item.rule}")


def _foreseen(item: Item, receipt: Receipt | None) -> bool:
    if receipt is None:
        return False
    if item.expect == REFUSED:
        return receipt.outcome == "refused" and item.rule in _codes(receipt)
    return receipt.outcome in _KEPT


def _codes(receipt: Receipt) -> list[str]:
    return [problem["code"] for problem in receipt.content.get("problems", ())]


def _words(receipt: Receipt) -> str:
    return " ".join([receipt.outcome, *_codes(receipt)])


@contextlib.contextmanager
def _emitters(diaries: Iterable[Diary]) -> Iterator[dict[str, Emitter]]:
    with contextlib.ExitStack() as stack:
        yield {diary.id: stack.enter_context(Emitter(Settings.load(diary.id))) for diary in diaries}


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except IdReused as problem:
        raise Failure(
            Exit.DIFFERENCE,
            "this deployment holds the same edition from another seed or scale",
            "play it with the same --seed and --scale, or begin anew: `miriam down --destroy`, `miriam up`",
        ) from problem
    except EmitterError as problem:
        code = Exit.UNREACHABLE if isinstance(problem, Unreachable) else Exit.PREREQUISITE
        raise Failure(code, str(problem.args[0]), problem.next_step) from problem


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Leave the screen to the progress bar: pika tells of each connection in many lines."""
    for name in ("pika", "miriam_emitter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    yield
