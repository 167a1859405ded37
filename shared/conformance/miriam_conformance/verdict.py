"""What a check found: compared is what the door says became of each event with what had to become of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from miriam_conformance.checks import Step
from miriam_conformance.door import Receipt
from miriam_conformance.maker import Event
from miriam_conformance.program import Done
from miriam_emitter.keys import PublicKeys
from miriam_emitter.receipts import Unverified, verify

_MOST_TOLD = 5


@dataclass(frozen=True)
class Verdict:
    """One line of the table. `section` is what was tried: `door` or `program`; `why` is empty where it passed."""

    section: str
    code: str
    title: str
    why: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing was found against it."""
        return not self.why


def of_step(
    step: Step, done: Done, said: Mapping[str, Sequence[Receipt]], source: str, keys: PublicKeys
) -> Iterator[str]:
    """What is wrong after a step: each a sentence, without a value of any payload."""
    if done.code is None:
        yield "the program did not end in time"
    elif done.code != 0:
        yield f"the program ended with {done.code}: {done.said.strip() or 'it said nothing'}"
    yield from _few(_outcomes(step, said))
    yield from _few(_order(step.events, said))
    if done.code == 0:
        yield from _few(_printed(step, done, source, keys))


def _outcomes(step: Step, said: Mapping[str, Sequence[Receipt]]) -> Iterator[str]:
    for id_, expected in step.expected.items():
        outcome, _, code = expected.partition(":")
        found = said[id_]
        recorded = {_place(each) for each in found if each["receipt"] == "recorded"}
        codes = {problem["code"] for each in found if each["receipt"] == "refused" for problem in each["problems"]}
        if outcome == "recorded" and len(recorded) != 1:
            what = (
                f"refused ({', '.join(sorted(codes))})" if codes else "recorded twice" if recorded else "not answered"
            )
            yield f"{id_}: must be recorded once, was {what}"
        elif outcome == "refused" and code not in codes:
            yield f"{id_}: must be refused for {code}, was {', '.join(sorted(codes)) or 'not refused'}"
        elif outcome == "refused" and recorded and code != "id_reused":
            yield f"{id_}: must be refused, was recorded"


def _order(events: Sequence[Event], said: Mapping[str, Sequence[Receipt]]) -> Iterator[str]:
    """Of each subject, the numbers given by a service ascend as the events were emitted."""
    last: dict[tuple[str, str], int] = defaultdict(int)
    for event in events:
        for receipt in said[event["id"]]:
            if receipt["receipt"] == "recorded":
                service, number = _place(receipt)
                if number < last[service, event["subject"]]:
                    yield f"{event['id']}: recorded before what was emitted before it"
                last[service, event["subject"]] = number


def _printed(step: Step, done: Done, source: str, keys: PublicKeys) -> Iterator[str]:
    """Each event's answer is printed by the program, and it is the service that speaks in it."""
    answers: dict[str, set[str]] = defaultdict(set)
    for content in done.receipts:
        try:
            receipt = verify(content, source, keys)
        except Unverified as problem:
            yield f"printed {problem}"
            continue
        answers[receipt.id].add(receipt.outcome)
    for id_, expected in step.expected.items():
        fitting = {"recorded", "duplicate"} if expected == "recorded" else {"refused"}
        if not answers[id_] & fitting:
            yield f"{id_}: the program printed no receipt that says {' or '.join(sorted(fitting))}"


def _place(receipt: Receipt) -> tuple[str, int]:
    return str(receipt["service"]), int(receipt["events"][0]["sequence"])


def _few(sentences: Iterator[str]) -> Iterator[str]:
    found = list(sentences)
    yield from found[:_MOST_TOLD]
    if len(found) > _MOST_TOLD:
        yield f"... and {len(found) - _MOST_TOLD} more like that"
