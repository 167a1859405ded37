"""One assessment at the start and one at the end, each answered on the scale of its questionnaire."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.instruments import INSTRUMENTS
from miriam_contracts.judging import day, not_after, not_before, only, where
from miriam_contracts.problems import Problem


def completed(fact: Fact, state: History) -> Iterator[Problem]:
    """One a moment, each under its own id, the end not before the start, every valid score on the scale."""
    others = list(state.standing("assessment", "completed"))
    moment = fact.data["moment"]
    if only(where(others, "moment", moment)):
        yield Problem("moment_already_assessed", "data/moment")
    elif only(where(others, "assessment", fact.data["assessment"])):
        yield Problem("assessment_id_used", "data/assessment")
    start, end = only(where(others, "moment", "start")), only(where(others, "moment", "end"))
    if moment == "end" and start:
        yield from not_before(fact, day(start), "end_before_start")
    if moment == "start" and end:
        yield from not_after(fact, day(end), "start_after_end")
    yield from _on_the_scale(fact)


def _on_the_scale(fact: Fact) -> Iterator[Problem]:
    instrument = INSTRUMENTS[fact.data["instrument"]]
    for domain, answer in fact.data["scores"].items():
        if answer["status"] == "valid" and not instrument.lowest <= answer["score"] <= instrument.highest:
            yield Problem(
                "score_outside_scale", f"data/scores/{domain}/score", f"{instrument.lowest}..{instrument.highest}"
            )


RULES = {"assessment.completed": completed}
