"""An edition is opened, closed and one day retired: each once, and in that order."""

import datetime as dt
from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import not_before, once, only
from miriam_contracts.problems import Problem


def opened(fact: Fact, state: History) -> Iterator[Problem]:
    """Once; its days and its places do not contradict themselves."""
    yield from once(state, "edition", "opened", "edition_already_opened")
    if fact.data["ends_on"] < fact.data["starts_on"]:
        yield Problem("ends_before_start", "data/ends_on", f"{fact.data['starts_on']}..")
    if fact.data["places_max"] < fact.data["places_min"]:
        yield Problem("places_max_below_min", "data/places_max", f"{fact.data['places_min']}..")


def closed(fact: Fact, state: History) -> Iterator[Problem]:
    """Only if it was opened, not before it starts, and once."""
    opening = only(state.standing("edition", "opened"))
    if opening is None:
        yield Problem("edition_not_opened", "data/edition")
        return
    yield from once(state, "edition", "closed", "edition_already_closed")
    yield from not_before(fact, opening.data["starts_on"], "before_edition_start")


def retired(fact: Fact, state: History) -> Iterator[Problem]:
    """Only if it was closed, after the retention that it names, and once: what it destroys does not come back."""
    if only(state.standing("edition", "closed")) is None:
        yield Problem("edition_not_closed", "data/edition")
        return
    yield from once(state, "edition", "retired", "edition_already_retired")
    first_day_after = dt.date.fromisoformat(fact.data["retained_until"]) + dt.timedelta(days=1)
    yield from not_before(fact, first_day_after.isoformat(), "retention_not_over")


RULES = {"edition.opened": opened, "edition.closed": closed, "edition.retired": retired}
