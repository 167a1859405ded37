"""One CPAS sends fifty thousand; what any other sends alone is recorded within a second all the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from statistics import median

import pytest
from attacker import Attacker
from flooding import Flood, Shot, Single, good, repeated
from running_platform import RunningPlatform

from miriam_local.processes import wait_until

MANY = 50_000
BAR = 1.0
# Of each emitter; the middle one counts, for a machine does other things too.
TIMES = 5
PATIENCE = 20.0
# At least so many of the flood lie in its inbox when another sends: else nothing is shown.
PRESSING = 1000
# In the order of the alphabet, in which a service subscribes to their inboxes; one id begins another.
CPAS = (
    "aalst", "anderlecht", "charleroi", "cpas1", "cpas12", "gent", "huy", "ixelles", "jette", "kortrijk", "leuven",
    "liege", "mechelen", "mons", "namur", "oostende", "schaerbeek", "seraing", "tournai", "zwevegem",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Who floods which service with what."""

    flooder: str
    service: str
    kind: str
    make: Callable[[Attacker, int], Shot]


def malformed(attacker: Attacker, number: int) -> Shot:
    """Nothing that anybody could read, no two alike: each is refused, and kept."""
    return f"{attacker.id}.participation.referred", b'{"specversion": "1.0", "id": "%d", ' % number


def conflicting(attacker: Attacker, number: int) -> Shot:
    """One id, and each time another content."""
    _, body = ONE(attacker, 0)
    return f"{attacker.id}.session.held", body.replace(
        b'"duration_minutes": 60', b'"duration_minutes": %d' % (number % 600 + 1)
    )


def of_one_subject(attacker: Attacker, number: int) -> Shot:
    """Goals of one woman without end: each is judged by all that came before."""
    key, body = GOAL(attacker, number)
    return key, body.replace(f"p-014-{number}x".encode(), b"p-014-one")


ONE, GOAL, FORMED = good("session.held"), good("goal.set"), good("group.formed")
CASES = (
    Case("anderlecht", "sessions", "events that are recorded", ONE),
    Case("zwevegem", "intake", "malformed events", malformed),
    Case("aalst", "groups", "events that are recorded", FORMED),
    Case("cpas12", "sessions", "one id with many contents", conflicting),
    Case("mechelen", "sessions", "events of one subject", of_one_subject),
)
SINGLE = {"intake": "participation.referred", "sessions": "session.held", "groups": "group.formed"}


@pytest.fixture(scope="module")
def emitters(platform: RunningPlatform) -> dict[str, Attacker]:
    platform.miriam("cpas", "add", *CPAS)
    found = {name: Attacker(platform, name) for name in CPAS}
    # A service looks for new inboxes every two seconds; all of them are consumed before anything is measured.
    for each in found.values():
        with closing(Single(each)) as single:
            for kind in SINGLE.values():
                assert single.seconds_until_recorded(each.event(kind), 30) < 30
    return found


def others(flooder: str) -> list[str]:
    """Who is measured: first and last of all, both neighbours, and two whose ids begin alike."""
    place = CPAS.index(flooder)
    near = {CPAS[place - 1], CPAS[(place + 1) % len(CPAS)]}
    return sorted(({CPAS[0], CPAS[-1], "cpas1", "cpas12"} | near) - {flooder})


def measured(flood: Flood, emitters: dict[str, Attacker], until_over: bool) -> dict[str, list[float]]:
    """How long each of the others waits for its single event while the flood presses, TIMES each or more."""
    found: dict[str, list[float]] = {name: [] for name in others(flood.flooder.id)}
    with ExitStack() as stack:
        singles = {name: stack.enter_context(closing(Single(emitters[name]))) for name in found}
        while len(found[max(found)]) < TIMES or (until_over and not flood.over):
            for name, single in singles.items():
                if flood.over:
                    assert until_over, "the flood was over before all were measured"
                    break
                event = emitters[name].event(SINGLE[flood.service])
                assert wait_until(lambda: flood.waiting() > PRESSING, 60, 0.02), "the flood does not press"
                found[name].append(single.seconds_until_recorded(event, PATIENCE))
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.flooder} floods {case.service} with {case.kind}")
def test_a_single_event_of_any_other_is_recorded_within_a_second(
    platform: RunningPlatform, emitters: dict[str, Attacker], case: Case
) -> None:
    flooder = emitters[case.flooder]
    # The first sends its fifty thousand to the end. The others are called off once all are measured: what is beyond the
    # cap of their inbox waits with them, and presses on nobody.
    whole = case is CASES[0]
    shots = repeated(lambda number: case.make(flooder, number))
    with Flood(flooder, case.service, shots, MANY) as flood:
        found = measured(flood, emitters, until_over=whole)
        assert flood.over == whole
        if whole:
            # A flood has its place too: nothing of it is lost.
            assert wait_until(lambda: flood.waiting() == 0, 240, 0.5)
            asked = "select count(*) from event_store.event where origin = %s"
            assert platform.ask(case.service, asked, f"/cpas/{case.flooder}")[0][0] >= MANY
    told = {name: f"{min(each):.3f}, half of {len(each)} in {median(each):.3f}" for name, each in found.items()}
    print(f"{flood.taken} taken, {flood.nacked} nacks; seconds until recorded: {told}")
    assert max(map(median, found.values())) < BAR, told
