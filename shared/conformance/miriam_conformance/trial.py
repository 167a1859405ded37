"""Trying a maker's program, check by check."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from miriam_conformance.checks import Check, Step, checks
from miriam_conformance.door import DoorSays
from miriam_conformance.maker import Maker
from miriam_conformance.program import Done, Program
from miriam_conformance.verdict import Verdict, of_step
from miriam_emitter.keys import PublicKeys

# Far enough to have begun, and not near the end.
_KILL_AFTER = 0.05


def program_checks(
    maker: Maker, program: Program, door: DoorSays, keys: PublicKeys, wanted: Sequence[str] = (), patience: float = 20.0
) -> Iterator[Verdict]:
    """Call the program as each check asks, and judge it; `wanted` names some checks, by default all.

    `patience`: seconds after a call's end in which its receipts may still come to stand at the door.

    Raises:
        Unreachable: the door does not answer.
        NotConfigured: it does not take the token, or a service's key is missing.
        OSError: the program cannot be started.
    """
    for check in checks(maker):
        if wanted and check.code not in wanted:
            continue
        yield Verdict("program", check.code, check.title, list(_tried(check, maker, program, door, keys, patience)))


def _tried(
    check: Check, maker: Maker, program: Program, door: DoorSays, keys: PublicKeys, patience: float
) -> Iterator[str]:
    for number, step in enumerate(check.steps, 1):
        done = _killed(step, program, door) if step.killed else program.call(step.events, fresh=step.fresh)
        if done is None:
            yield "the program ended before it could be killed: does it wait for receipts?"
            return
        _wait(step, door, patience)
        found = list(of_step(step, done, door.of(step.expected), maker.source, keys))
        if found:
            place = f"call {number} of {len(check.steps)}: " if len(check.steps) > 1 else ""
            yield from (f"{place}{each}" for each in found)
            return


def _killed(step: Step, program: Program, door: DoorSays) -> Done | None:
    """Kill it in the middle and call it again; None where there was no middle."""

    def far_enough() -> bool:
        door.refresh()
        return door.count(step.expected) >= len(step.expected) * _KILL_AFTER

    first = program.call_and_kill(step.events, far_enough)
    if not first.was_killed:
        return None
    second = program.call(step.events)
    # What the first call printed was an answer too.
    return Done(second.code, [*first.receipts, *second.receipts], second.said, was_killed=True)


def _wait(step: Step, door: DoorSays, patience: float) -> None:
    end = time.monotonic() + patience
    door.refresh()
    while door.count(step.expected) < len(step.expected) and time.monotonic() < end:
        time.sleep(0.2)
        door.refresh()
