"""How a request is told: to programs, and in words to people; where it stands is said, never shown by colour alone."""

import datetime as dt
from typing import Any

from miriam_reporting.privacy.codes import ERASURE_GROUNDS, EXTENSION_REASONS, REFUSAL_GROUNDS
from miriam_reporting.privacy.domain import Request, Step
from miriam_reporting.privacy.register import Kept
from miriam_reporting.privacy.words import article, word


def as_json(kept: Kept, day: dt.date) -> dict[str, Any]:
    """A request as `--json` prints it, as of a day (Brussels)."""
    request = kept.request
    return {
        "reference": kept.reference,
        "right": request.right,
        "received_on": request.received_on.isoformat(),
        "state": request.state,
        "deadline": request.deadline.isoformat(),
        "days_left": request.days_left(day),
        "days_late": request.days_late,
        "persons": list(request.persons),
        "ground": request.ground or None,
        "events": list(request.events),
        "steps": [
            {"number": taken.number, "step": taken.step.name, "on": taken.step.on.isoformat(), "actor": taken.actor,
             "at": taken.at.astimezone(dt.UTC).isoformat(), **taken.step.data}
            for taken in kept.steps
        ],
    }  # fmt: skip


def left(lang: str, request: Request, day: dt.date) -> str:
    """What is left until the deadline, or how the request was closed: in time, or so many days late."""
    days = request.days_left(day)
    if days is None:
        late = request.days_late
        return word(lang, "left", "in_time") if not late else _days(lang, "closed_late", late)
    return word(lang, "left", "today") if days == 0 else _days(lang, "left" if days > 0 else "overdue", abs(days))


def says(lang: str, request: Request, step: Step) -> str:
    """What a step says beside its name: persons, reason, ground with its article, events."""
    found = [*step.data.get("persons", ())]
    if "right" in step.data:
        found.append(word(lang, "right", step.data["right"]))
    if "reason" in step.data:
        reason = step.data["reason"]
        found.append(f"{word(lang, 'extension_reason', reason)} ({article(lang, EXTENSION_REASONS[reason])})")
    if "ground" in step.data:
        found.append(ground(lang, request.right, step.name, step.data["ground"]))
    if step.data.get("nothing_held"):
        found.append(word(lang, "about", "nothing_held"))
    return " · ".join([*found, *step.data.get("events", ())])


def ground(lang: str, right: str, step: str, code: str) -> str:
    """A ground in words, with its article: of a refusal, or of an erasure that was done."""
    if step == "refused":
        return f"{word(lang, 'refusal_ground', code)} ({article(lang, REFUSAL_GROUNDS[right][code])})"
    return f"{word(lang, 'erasure_ground', code)} ({article(lang, ERASURE_GROUNDS[code])})"


def _days(lang: str, code: str, days: int) -> str:
    return word(lang, "left", code if days != 1 else f"{code}_one").format(days)
