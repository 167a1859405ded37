"""The ten views that auditors ask for, on histories made by hand, with the rows that must come out written down."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from history_defaults import changes, person, scores
from indicator_history import EDITION, History

from miriam_contracts.canonical import canonical, leaf_hash
from miriam_reporting.audit.views import VIEWS, Cell, Question, UnknownView, view_of
from miriam_reporting.audit.words import cell
from miriam_reporting.reports import LEVELS, compute
from miriam_reporting.reports.as_of import answered, resolve
from miriam_transparency import merkle


def rows(history: History, view: str, *names: str, as_of: int | None = None, **asked: Any) -> list[tuple[Cell, ...]]:
    """The rows of a view, in the columns named."""
    history.report()
    answer = VIEWS[view].answer(history.database.app, Question(EDITION, as_of, **asked))
    places = [next(i for i, each in enumerate(VIEWS[view].columns) if each.name == name) for name in names]
    return [tuple(row[place] for place in places) for row in answer.rows]


def test_there_are_ten_by_number_and_by_name() -> None:
    assert [view.number for view in VIEWS.values()] == list(range(1, 11))
    assert view_of("4").name == "sessions"
    assert view_of("costs").number == 10
    with pytest.raises(UnknownView, match="there is no view 11"):
        view_of("11")


def test_the_register_has_every_enrolment_and_says_whether_it_counts(history: History) -> None:
    history.enrol("alpha:w1", employment="not_answered", education="not_available")
    history.enrol("beta:w2", on="2023-10-05")
    history.enrol("beta:w3", on="2022-01-01")
    taken_back = history.fact("participation.enrolled", participation="alpha:w4", person=person(4))
    history.retract(taken_back)
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-09")
    history.fact("participation.ended", participation="alpha:w1", occurred_on="2024-03-01", reason="employment")
    history.fact("participation.followed_up", participation="alpha:w1", occurred_on="2025-03-01")
    assert rows(
        history, "register", "cpas", "participation", "woman", "counts", "employment", "education", "entered_on",
        "first_contact_on", "left_on", "exit_reason", "certificate", "follow_up",
    ) == [
        ("alpha", "alpha:w1", person(1), "valid", "not_answered", "not_available", "2023-10-02", "2023-10-09",
         "2024-03-01", "employment", True, "employed"),
        ("beta", "beta:w2", person(2), "valid", "unemployed", "upper_secondary", "2023-10-05", None, None, None, None,
         None),
        ("beta", "beta:w3", person(3), "enrolled_outside_edition", "unemployed", "upper_secondary", "2022-01-01", None,
         None, None, None, None),
    ]  # fmt: skip
    assert rows(history, "register", "participation", cpas="alpha") == [("alpha:w1",)]
    assert rows(history, "register", "participation", "exit_reason", as_of=8) == [
        ("alpha:w1", None), ("beta:w2", None),
    ]  # fmt: skip


def test_linked_participations_are_one_woman_in_the_register(history: History) -> None:
    history.enrol("alpha:w1", "beta:w2")
    history.fact("person.linked", participation="alpha:w1", other="beta:w2")
    assert rows(history, "register", "participation", "woman", "person") == [
        ("alpha:w1", person(1), person(1)), ("beta:w2", person(1), person(2)),
    ]  # fmt: skip


def test_the_table_of_indicators_is_the_report(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    history.fact("session.held", participation="alpha:w9")
    columns = ("code", "level", "place", "part", "numerator", "denominator", "value", "excluded_why")
    told = rows(history, "indicators", *columns)
    assert ("I08", "total", "", "", 1, None, 1, "not_enrolled=1") in told
    assert ("I08", "cpas", "alpha", "measure=hours", 60, None, "1.00", "") in told
    assert len(told) == len(history.report().figures)
    assert {row[1] for row in rows(history, "indicators", "code", "level", cpas="alpha")} == {"cpas"}


def test_the_events_behind_a_figure_are_its_evidence(history: History) -> None:
    history.enrol("alpha:w1")
    held = history.fact("session.held", participation="alpha:w1")
    stray = history.fact("session.held", participation="alpha:w9")
    assert rows(history, "events", "part", "counted", "reason", "unit", "event_id", code="I08") == [
        ("", "numerator", None, held, held),
        ("", "excluded", "not_enrolled", stray, stray),
        ("measure=hours", "numerator", None, held, held),
        ("measure=median_per_woman", "numerator", None, person(1), held),
    ]
    assert rows(history, "events", "amount", code="I08", part="measure=hours") == [(60,)]
    every = rows(history, "events", "code")
    assert {code for (code,) in every} >= {"I01", "I08", "I13", "D01", "D08"}


def test_sessions_and_attendance_stand_in_one_ledger(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    history.fact("group.formed", group="alpha:g1")
    history.fact("group.joined", group="alpha:g1", participation="alpha:w1")
    history.fact("session.held", participation="alpha:w1", session="alpha:s1", occurred_on="2023-10-03")
    history.fact("session.missed", participation="alpha:w1", session="alpha:s2", occurred_on="2023-10-04")
    history.fact(
        "groupsession.held", group="alpha:g1", groupsession="alpha:gs1", present=["alpha:w1"], excused=["alpha:w2"],
        occurred_on="2023-10-05",
    )  # fmt: skip
    history.fact("groupsession.cancelled", group="alpha:g1", groupsession="alpha:gs2", occurred_on="2023-10-06")
    assert rows(
        history, "sessions", "kind", "occurred_on", "participation", "session", "presence", "minutes", "present",
        "reason", "counts",
    ) == [
        ("session.held", "2023-10-03", "alpha:w1", "alpha:s1", None, 60, None, None, "valid"),
        ("session.missed", "2023-10-04", "alpha:w1", "alpha:s2", None, None, None, "no_show", "valid"),
        ("groupsession.held", "2023-10-05", None, "alpha:gs1", None, 120, 1, None, "valid"),
        ("attendance", "2023-10-05", "alpha:w1", "alpha:gs1", "present", 120, None, None, "valid"),
        ("attendance", "2023-10-05", "alpha:w2", "alpha:gs1", "excused", 120, None, None, "not_a_member"),
        ("groupsession.cancelled", "2023-10-06", None, "alpha:gs2", None, None, None, "too_few", None),
    ]  # fmt: skip


def test_assessments_are_paired_and_three_kinds_of_silence_stay_apart(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "alpha:w3")
    silent = scores(4, housing="not_answered", leisure="not_available")
    history.fact("assessment.completed", participation="alpha:w1", scores=silent)
    history.fact(
        "assessment.completed", participation="alpha:w1", moment="end", occurred_on="2024-05-02",
        scores=scores(7, mobility="not_answered"), changes=changes("same", finances="better"),
    )  # fmt: skip
    history.fact("assessment.completed", participation="alpha:w2", scores=scores(3))
    history.fact("assessment.completed", participation="alpha:w9")
    told = rows(
        history, "assessments", "woman", "domain", "pairing", "start_status", "start_score", "end_status", "end_score",
        "difference", "change", "reason",
    )  # fmt: skip
    first = {row[1]: row[2:] for row in told if row[0] == person(1)}
    assert first["finances"] == ("paired", "valid", 4, "valid", 7, 3, "better", None)
    assert first["housing"] == ("no_start", "not_answered", None, "valid", 7, None, "same", None)
    assert first["leisure"] == ("no_start", "not_available", None, "valid", 7, None, "same", None)
    assert first["mobility"] == ("no_end", "valid", 4, "not_answered", None, None, "same", None)
    second = {row[1]: row[2:] for row in told if row[0] == person(2)}
    # She was not asked at the end: an empty status is neither `not_answered` nor `not_available`.
    assert second["finances"] == ("no_end", "valid", 3, None, None, None, None, None)
    assert [row[1:] for row in told if row[0] == person(3)] == [(None, "no_assessment", *[None] * 7)]
    assert [row[2:] for row in told if row[0] == "alpha:w9"] == [("excluded", *[None] * 6, "not_enrolled")]
    # What is paired here is what I06 pairs.
    for domain in ("finances", "housing", "mobility", "autonomy"):
        pairs = [row[7] for row in told if row[1] == domain and row[2] == "paired"]
        assert (sum(map(int, map(str, pairs))), len(pairs)) == history.count("I06", f"domain={domain}")[:2]


def test_refused_late_doubled_and_stray_records_are_listed(history: History) -> None:
    history.enrol("alpha:w1")
    counts = [{"emitter": "alpha", "rule": "unknown_code", "count": 3}]
    tally = history.fact("door.tallied", first=1, last=3, counts=counts)
    late = history.ledger.record(
        "session.held", participation="alpha:w1", occurred_on="2023-10-02", time="2023-10-09T10:00:00.000000Z"
    )
    history.fact("assessment.completed", participation="alpha:w1", occurred_on="2023-10-02")
    second = history.fact("assessment.completed", participation="alpha:w1", occurred_on="2023-10-20")
    stray = history.fact("session.held", participation="alpha:w1", project="spp:nowhere")
    double = history.fact("session.missed", participation="alpha:w1")
    back = history.retract(double)
    assert rows(history, "irregular", "kind", "cpas", "fact", "subject", "days", "rule", "count", "event_id") == [
        ("ignored", "alpha", "assessment.completed", "alpha:w1", None, "first_counts", None, second),
        ("late", "alpha", "session.held", "alpha:w1", 7, "late_after_days", None, late),
        ("refused", "alpha", "door.tallied", "intake", None, "unknown_code", 3, tally),
        ("retracted", "alpha", "session.missed", "alpha:w1", None, "duplicate", None, back),
        ("unmatched", "alpha", "session.held", "alpha:w1", None, "project_unknown", None, stray),
    ]


def test_corrections_tell_who_when_why_and_each_value_before_and_after(history: History) -> None:
    history.enrol("alpha:w1")
    held = history.fact("session.held", participation="alpha:w1", session="alpha:s1")
    first = history.ledger.correct(held, time="2023-11-01T09:00:00.000000Z", duration_minutes=90, theme="health")
    asked = history.fact("assessment.completed", participation="alpha:w1", scores=scores(4))
    second = history.correct(asked, scores=scores(4, housing="not_answered"))
    back = history.retract(held)
    told = rows(
        history, "corrections", "kind", "fact", "subject", "version", "by", "noted_at", "reason", "field", "before",
        "after", "first_id", "event_id",
    )  # fmt: skip
    who = ("alpha:w1", 2, "/cpas/alpha", "2023-11-01T09:00:00.000000Z", "typing_error")
    assert told[:2] == [
        ("corrected", "session.held", *who, "duration_minutes", 60, 90, held, first),
        ("corrected", "session.held", *who, "theme", "housing", "health", held, first),
    ]
    assert [row[7:10] for row in told if row[-1] == second] == [
        ("scores/housing/score", 4, None), ("scores/housing/status", "valid", "not_answered"),
    ]  # fmt: skip
    gone = [row for row in told if row[-1] == back]
    assert ("retracted", 3, "duration_minutes", 90, None) in {(row[0], row[3], *row[7:10]) for row in gone}
    assert rows(history, "corrections", "field", as_of=8) == []


def test_sessions_told_in_two_versions_stand_in_one_view(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-03", theme="health")
    several = {"themes": ["finances", "mobility", "housing"], "duration": "PT1H15M"}
    history.fact("session.held.v2", participation="alpha:w1", occurred_on="2023-10-04", **several)
    history.fact("session.held.v2", participation="alpha:w1", occurred_on="2023-10-05", themes=["training"])
    assert rows(history, "sessions", "kind", "minutes", "theme", "other_themes", "counts") == [
        ("session.held", 60, "health", None, "valid"),
        ("session.held", 75, "finances", "mobility housing", "valid"),
        ("session.held", 60, "training", None, "valid"),
    ]
    others = next(each for each in VIEWS["sessions"].columns if each.name == "other_themes")
    assert cell("en", others, "mobility housing") == "mobility, housing"


def test_a_correction_in_a_newer_version_tells_only_what_it_changed(history: History) -> None:
    history.enrol("alpha:w1")
    held = history.fact("session.held", participation="alpha:w1")
    same = history.ledger.correct(held, version=2)
    more = history.ledger.correct(held, themes=["housing", "health"], duration="PT45M")
    told = rows(history, "corrections", "fact", "version", "field", "before", "after", "event_id")
    assert told == [
        ("session.held", 2, "", None, None, same),
        ("session.held", 3, "duration", "PT1H", "PT45M", more),
        ("session.held", 3, "themes", "housing", "housing health", more),
    ]


def test_corrections_of_other_editions_stay_out(history: History) -> None:
    history.fact("edition.opened", edition="2024")
    other = history.fact("project.approved", project="spp:p9", cpas="gamma", edition="2024")
    history.correct(other, places=20)
    mine = next(iter(history.ledger.facts))
    history.correct(mine, budget=5)
    assert rows(history, "corrections", "fact", "field", "before", "after") == [
        ("edition.opened", "budget", 10_000_000, 5)
    ]


def test_the_report_has_checksums_that_anybody_can_compute(history: History) -> None:
    history.enrol("alpha:w1")
    at = history.head
    report = history.report(as_of=at)
    before = rows(history, "report", "what", "detail", "value", "position", as_of=at)
    told = {(what, detail): value for what, detail, value, _ in before}
    app = history.database.app
    expected = answered(app, compute(app, EDITION, at, LEVELS), resolve(app, str(at))).as_json()
    assert told["report_sha256", "RFC 8785"] == hashlib.sha256(canonical(expected)).hexdigest()
    assert told["figures", ""] == len(report.figures)
    root = merkle.root(map(leaf_hash, history.ledger.bodies[:at]))
    assert told["tree_head", "RFC 6962"] == base64.b64encode(root).decode()
    history.fact("session.held", participation="alpha:w1")
    assert rows(history, "report", "what", "detail", "value", "position", as_of=at) == before
    assert rows(history, "report", "value")[0] != before[0][2:3]


def test_costs_stand_against_the_subsidy_to_the_cent(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    history.fact("session.held", participation="alpha:w1")
    history.fact("project.payment_made", project="spp:p1", amount=1_234_567)
    history.fact("project.cost_declared", project="spp:p1", amount=99, category="childcare")
    history.fact("project.cost_declared", project="spp:p1", amount=1_000, declaration="spp:d2")
    assert rows(
        history, "costs", "kind", "project", "participations", "supported", "women", "budget", "subsidy", "paid",
        "unpaid", "declared", "personnel", "childcare", "undeclared",
    ) == [
        ("project", "spp:p1", 2, 1, 1, None, "50000.00", "12345.67", "37654.33", "10.99", "10.00", "0.99", "12334.68"),
        ("project", "spp:p2", 0, 0, 0, None, "50000.00", "0.00", "50000.00", "0.00", "0.00", "0.00", "0.00"),
        ("edition", None, 2, 1, 1, "100000.00", "100000.00", "12345.67", "87654.33", "10.99", "10.00", "0.99",
         "12334.68"),
    ]  # fmt: skip
    assert [row[0] for row in rows(history, "costs", "project", cpas="beta")] == ["spp:p2"]


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_what_comes_later_changes_no_earlier_view(history: History, view: str) -> None:
    history.enrol("alpha:w1", "beta:w2")
    held = history.fact("session.held", participation="alpha:w1")
    asked = history.fact("assessment.completed", participation="alpha:w1")
    history.correct(held, duration_minutes=30)
    at, names = history.head, [each.name for each in VIEWS[view].columns]
    before = rows(history, view, *names, as_of=at, seed="7")
    history.correct(held, duration_minutes=45)
    history.retract(asked)
    history.fact("person.linked", participation="alpha:w1", other="beta:w2")
    history.fact("project.cost_declared", project="spp:p1", amount=99)
    history.fact("door.tallied", first=1, last=1, counts=[{"emitter": "alpha", "rule": "unknown_code", "count": 1}])
    assert rows(history, view, *names, as_of=at, seed="7") == before
