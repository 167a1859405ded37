"""Two versions of session.held are in use at once: told, corrected and retracted side by side."""

from dataclasses import replace

import pytest

from miriam_contracts.history import INITIAL, Decided, Fact
from miriam_contracts.specification import Specification, correction, fact, retraction
from miriam_sessions import domain

SESSIONS = Specification(domain.decide)
OLD = fact("session.held")
NEW = fact("session.held.v2")
AUTHORITY = "/authority/spp-is"


def seen(one: Fact, version: str, **changes: str) -> Fact:
    """The correction, made by somebody who saw that version."""
    return replace(one, data={**one.data, "supersedes": version, **changes})


def test_both_versions_are_recorded_as_they_were_told() -> None:
    for one in (OLD, NEW):
        assert domain.decide(INITIAL, one) == (Decided(one.data),)
    SESSIONS.given(OLD).when(NEW).then_recorded()
    SESSIONS.given(NEW).when(OLD).then_recorded()


def test_what_stands_is_read_in_the_newest_version_whichever_it_was_told_in() -> None:
    facts = SESSIONS.given(OLD, NEW).state.facts
    assert facts[NEW.event_id].data == NEW.data
    read = dict(facts[OLD.event_id].data)
    assert (read.pop("themes"), read.pop("duration")) == (["finances"], "PT1H")
    assert read == {name: OLD.data[name] for name in read}
    assert set(OLD.data) - set(read) == {"theme", "duration_minutes"}


def test_a_session_id_is_used_once_over_both_versions() -> None:
    SESSIONS.given(OLD).when(fact("session.held.v2", session=OLD.data["session"])).then_refused("session_id_used")
    SESSIONS.given(NEW).when(fact("session.held", session=NEW.data["session"])).then_refused("session_id_used")
    SESSIONS.given(NEW).when(fact("session.missed", session=NEW.data["session"])).then_refused("session_id_used")


def test_an_old_fact_is_corrected_in_its_own_version_or_in_the_newer_one() -> None:
    in_its_own = correction(OLD, duration_minutes=75)
    in_the_newer = correction(OLD, version=2, themes=["finances", "housing"])
    for one, themes, duration in (
        (in_its_own, ["finances"], "PT1H15M"),
        (in_the_newer, ["finances", "housing"], "PT1H"),
    ):
        standing = SESSIONS.given(OLD, one).state.facts[OLD.event_id]
        assert (standing.data["themes"], standing.data["duration"]) == (themes, duration)


@pytest.mark.parametrize("themes", [["housing", "finances"], ["housing"]])
@pytest.mark.parametrize("source", ["", AUTHORITY])
def test_a_new_fact_is_not_corrected_in_the_older_version_which_could_lose_themes(
    themes: list[str], source: str
) -> None:
    new = fact("session.held.v2", themes=themes)
    story = SESSIONS.given(new)
    told = fact("session.held", session=new.data["session"])
    outcome = story.when(seen(correction(told, source=source), new.event_id, corrects=new.event_id))
    outcome.then_refused("older_version")
    assert (outcome.problems[0].field, outcome.problems[0].allowed) == ("type", "miriam.session.corrected.v2")
    story.when(correction(new, source=source, themes=["mobility"])).then_recorded()


def test_what_was_corrected_in_the_newer_version_goes_back_to_no_older_one() -> None:
    newer = correction(OLD, version=2, themes=["finances", "housing"])
    older = correction(OLD, supersedes=OLD, duration_minutes=90)
    story = SESSIONS.given(OLD, newer)
    story.when(seen(older, newer.event_id)).then_refused("older_version")
    story.when(correction(OLD, supersedes=newer, duration="PT1H30M")).then_recorded()


def test_a_stale_correction_is_told_so_whatever_its_version() -> None:
    newer = correction(OLD, version=2, themes=["finances", "housing"])
    SESSIONS.given(OLD, newer).when(correction(OLD, duration_minutes=90)).then_refused("stale_version")


def test_a_retraction_has_one_version_and_takes_back_both() -> None:
    for one in (OLD, NEW):
        SESSIONS.given(one).when(retraction(one)).then_recorded()
        story = SESSIONS.given(one, retraction(one))
        story.when(correction(one, version=2)).then_refused("already_retracted")


def test_the_rules_of_a_replacement_hold_in_both_versions() -> None:
    story = SESSIONS.given(OLD, NEW)
    taken = OLD.data["session"]
    story.when(correction(NEW, session=taken)).then_refused("session_id_used")
    story.when(correction(OLD, version=2, session=NEW.data["session"])).then_refused("session_id_used")
