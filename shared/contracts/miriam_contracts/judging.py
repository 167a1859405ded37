"""The words that the rules of every service are written in: the day of a fact, and how it lies to the day of another.

Days are texts `YYYY-MM-DD`, which compare in the order of time. What is allowed is given as a range: `2024-03-01..` is
that day or later, `..2024-03-01` that day or earlier; so no language stands in it.
"""

from collections.abc import Iterable, Iterator

from miriam_contracts import ids
from miriam_contracts.history import Fact, History, Standing
from miriam_contracts.problems import Problem

OCCURRED_ON = "data/occurred_on"


def day(fact: Fact | Standing) -> str:
    """The day on which it happened."""
    return str(fact.data["occurred_on"])


def only(found: Iterable[Standing]) -> Standing | None:
    """The one fact among `found` (a rule has seen to it that there is no second), or None."""
    return next(iter(found), None)


def where(found: Iterable[Standing], field: str, value: object) -> Iterator[Standing]:
    """The facts among `found` whose payload has that value in that field."""
    return (fact for fact in found if fact.data.get(field) == value)


def not_before(fact: Fact, earliest: str, code: str, field: str = OCCURRED_ON) -> Iterator[Problem]:
    """A problem where the fact happened before the day `earliest`."""
    if day(fact) < earliest:
        yield Problem(code, field, f"{earliest}..")


def not_after(fact: Fact, latest: str, code: str, field: str = OCCURRED_ON) -> Iterator[Problem]:
    """A problem where the fact happened after the day `latest`."""
    if day(fact) > latest:
        yield Problem(code, field, f"..{latest}")


def last_until(found: Iterable[Standing], latest: str) -> Standing | None:
    """The last of the facts that happened no later than the day `latest`; of one day, the one recorded last."""
    return max((fact for fact in reversed(list(found)) if day(fact) <= latest), key=day, default=None)


def once(state: History, family: str, name: str, code: str) -> Iterator[Problem]:
    """A problem where a fact of that name stands already."""
    if only(state.standing(family, name)):
        yield Problem(code, "type")


def no_test_cpas(field: str, cpas: str) -> Iterator[Problem]:
    """A problem where a fact of the programme names a test CPAS: no figure knows one."""
    if ids.is_test(cpas):
        yield Problem("test_cpas", field)
