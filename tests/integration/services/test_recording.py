"""Each service records the facts of its families, alone: no other service and no other database is there."""

from __future__ import annotations

import orjson

from miriam_contracts.examples import emitted, examples
from miriam_platform.deliveries import Delivery

from .conftest import Service

COURSE = {
    "intake": [
        "edition.opened", "cpas.registered", "consortium.formed", "project.approved", "project.payment_made",
        "project.cost_declared", "participation.referred", "participation.enrolled", "participation.paused",
        "participation.resumed", "participation.case_manager_changed", "person.linked", "person.unlinked",
        "participation.consent_withdrawn", "participation.ended", "participation.followed_up", "project.ended",
        "edition.closed", "person.erased",
    ],
    "sessions": [
        "session.held", "session.missed", "goal.set", "goal.progressed", "goal.reached", "referral.made",
        "referral.closed",
    ],
    "groups": ["group.formed", "group.joined", "groupsession.cancelled", "group.left", "group.closed"],
}  # fmt: skip


def outcomes(service: Service) -> list[tuple[str, str]]:
    deliveries = [service.delivery(kind) for kind in COURSE[service.definition.name]]
    results = service.record(*deliveries)
    return [(r.outcome, ", ".join(p.code for p in r.problems)) for r in results]


def test_intake_records_a_whole_course_without_the_others(intake: Service) -> None:
    assert outcomes(intake) == [("recorded", "")] * len(COURSE["intake"])


def test_sessions_records_a_whole_course_without_the_others(sessions: Service) -> None:
    assert outcomes(sessions) == [("recorded", "")] * len(COURSE["sessions"])
    assessments = [sessions.delivery("assessment.completed", moment) for moment in ("start", "end")]
    assert [r.outcome for r in sessions.record(*assessments)] == ["recorded"] * 2


def test_groups_records_a_whole_course_without_the_others(groups: Service) -> None:
    assert outcomes(groups) == [("recorded", "")] * len(COURSE["groups"])


def test_a_fact_of_another_service_is_refused_and_its_owner_named(sessions: Service) -> None:
    (result,) = sessions.record(sessions.delivery("group.formed"))
    assert [(p.code, p.allowed) for p in result.problems] == [("wrong_service", "groups")]


def test_a_refused_fact_uses_no_number_and_its_id_may_come_again(sessions: Service) -> None:
    reached = sessions.delivery("goal.reached")
    assert sessions.refused(reached) == ("goal_not_set",)
    sessions.recorded(sessions.delivery("goal.set"))
    assert sessions.recorded(reached)["sequence"] == 2


def test_a_cpas_corrects_only_its_own_and_the_authority_all(sessions: Service) -> None:
    held = sessions.recorded(sessions.delivery("session.held"))
    reference = {"corrects": held["id"], "supersedes": held["id"]}
    assert sessions.refused(sessions.delivery("session.corrected", "held", source="/cpas/schaerbeek", **reference)) == (
        "not_own_id",
        "not_own_id",
        "not_own_id",
        "not_own_id",
    )
    by_authority = sessions.recorded(
        sessions.delivery("session.corrected", "held", source="/authority/spp-is", **reference)
    )
    stale = sessions.delivery("session.corrected", "held", **reference)
    assert sessions.refused(stale) == ("stale_version",)
    assert by_authority["data"]["corrects"] == held["id"]


def test_a_golden_emission_is_recorded_as_the_golden_example_says(sessions: Service) -> None:
    emission = emitted("session.held")
    event = sessions.recorded(Delivery(orjson.dumps(emission), "cpas.anderlecht", "anderlecht.session.held"))
    golden = next(e.event for e in examples("recorded") if e.path == "session.held.v1/recorded-typical.json")
    of_the_moment = {"recordedtime", "salt", "sequence"}
    assert event.keys() == golden.keys()
    assert {k: v for k, v in event.items() if k not in of_the_moment} == {
        k: v for k, v in golden.items() if k not in of_the_moment
    }
