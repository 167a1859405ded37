"""Corrections and retractions, which every family has; told here with sessions and goals."""

from dataclasses import replace

from miriam_contracts.specification import Specification, correction, fact, retraction
from miriam_sessions import domain

AUTHORITY = "/authority/spp-is"
OTHER_CPAS = "/cpas/schaerbeek"
SESSIONS = Specification(domain.decide)
HELD = fact("session.held")
LONGER = correction(HELD, duration_minutes=75)


def test_a_correction_replaces_the_whole_payload() -> None:
    state = SESSIONS.given(HELD, LONGER).state
    standing = state.facts[HELD.event_id]
    assert standing.data["duration"] == "PT1H15M"
    assert (standing.first_id, standing.current_id) == (HELD.event_id, LONGER.event_id)


def test_a_correction_of_a_correction_names_the_first_fact_and_the_version_seen() -> None:
    again = correction(HELD, supersedes=LONGER, duration_minutes=90)
    story = SESSIONS.given(HELD, LONGER)
    story.when(again).then_recorded()
    assert story.given(again).state.facts[HELD.event_id].data["duration"] == "PT1H30M"


def test_a_stale_correction_is_refused_and_told_the_current_version() -> None:
    outcome = SESSIONS.given(HELD, LONGER).when(correction(HELD, duration_minutes=80))
    outcome.then_refused("stale_version")
    assert outcome.problems[0].allowed == LONGER.event_id


def test_a_stale_retraction_is_refused() -> None:
    SESSIONS.given(HELD, LONGER).when(retraction(HELD)).then_refused("stale_version")
    SESSIONS.given(HELD, LONGER).when(retraction(HELD, supersedes=LONGER)).then_recorded()


def test_a_retraction_is_final() -> None:
    gone = retraction(HELD)
    story = SESSIONS.given(HELD, gone)
    story.when(correction(HELD, duration_minutes=80)).then_refused("already_retracted")
    story.when(retraction(HELD)).then_refused("already_retracted")
    story.when(fact("session.held")).then_recorded()


def test_a_correction_corrects_the_first_fact_never_a_correction() -> None:
    wrong = replace(correction(HELD, supersedes=LONGER), data={**LONGER.data, "corrects": LONGER.event_id})
    SESSIONS.given(HELD, LONGER).when(wrong).then_refused("fact_not_found")


def test_what_was_never_recorded_cannot_be_corrected_or_retracted() -> None:
    for one, field in ((LONGER, "data/corrects"), (retraction(HELD), "data/retracts")):
        outcome = SESSIONS.when(one)
        outcome.then_refused("fact_not_found")
        assert outcome.problems[0].field == field


def test_a_correction_names_the_fact_that_it_corrects() -> None:
    missed = fact("session.missed", session="anderlecht:s-9")
    of_another = replace(correction(missed), data={**correction(missed).data, "corrects": HELD.event_id})
    SESSIONS.given(HELD, missed).when(of_another).then_refused("fact_not_found")


def test_another_emitters_fact_is_not_corrected_or_retracted() -> None:
    story = SESSIONS.given(HELD)
    story.when(correction(HELD, source=OTHER_CPAS, duration_minutes=75)).then_refused("not_first_emitter")
    story.when(retraction(HELD, source=OTHER_CPAS)).then_refused("not_first_emitter")


def test_what_a_test_cpas_said_is_changed_by_nobody_else() -> None:
    """Else an event of the authority would change a fact that counts nowhere, and its origin would not say so."""
    held = fact("session.held", source="/cpas/test-acme")
    story = SESSIONS.given(held)
    for source in (AUTHORITY, OTHER_CPAS):
        for change in (correction(held, source=source, duration_minutes=75), retraction(held, source=source)):
            story.when(change).then_refused("test_fact" if source == AUTHORITY else "not_first_emitter")
    story.when(correction(held, source="/cpas/test-acme", duration_minutes=75)).then_recorded()


def test_the_authority_may_correct_and_retract_anybodys_fact() -> None:
    story = SESSIONS.given(HELD)
    story.when(correction(HELD, source=AUTHORITY, duration_minutes=75)).then_recorded()
    story.when(retraction(HELD, source=AUTHORITY)).then_recorded()


def test_the_first_emitter_may_correct_what_the_authority_corrected() -> None:
    by_authority = correction(HELD, source=AUTHORITY, duration_minutes=75)
    again = correction(HELD, supersedes=by_authority, source=HELD.source, duration_minutes=60)
    SESSIONS.given(HELD, by_authority).when(again).then_recorded()


def test_a_replacement_keeps_the_rules_of_its_fact() -> None:
    other = fact("session.held", session="anderlecht:s-7")
    outcome = SESSIONS.given(HELD, other).when(correction(HELD, session="anderlecht:s-7"))
    outcome.then_refused("session_id_used")
    assert outcome.problems[0].field == "data/replacement/session"


def test_a_replacement_is_judged_as_if_the_first_fact_had_never_been() -> None:
    goal = fact("goal.set")
    SESSIONS.given(HELD, goal).when(correction(HELD, place="home")).then_recorded()
    SESSIONS.given(goal, fact("goal.reached")).when(correction(goal, occurred_on="2024-01-01")).then_recorded()


def test_nothing_happens_in_the_future() -> None:
    SESSIONS.when(fact("session.held", occurred_on="2026-01-01")).then_recorded()
    outcome = SESSIONS.when(fact("session.held", occurred_on="2026-01-02"))
    outcome.then_refused("in_the_future")
    assert outcome.problems[0].allowed == "..2026-01-01"
    future = replace(LONGER, data={**LONGER.data, "replacement": {**HELD.data, "occurred_on": "2026-01-02"}})
    outcome = SESSIONS.given(HELD).when(future)
    outcome.then_refused("in_the_future")
    assert outcome.problems[0].field == "data/replacement/occurred_on"
