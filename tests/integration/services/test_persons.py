"""Intake knows a woman again by her number, tells nothing of it, and keeps what a correction does not touch."""

from __future__ import annotations

from typing import Any

from .conftest import Service

NUMBER = "85073003328"
BIS = "85473003317"


def added(event: dict[str, Any]) -> tuple[str, str, str]:
    stated = event["data"].get("replacement", event["data"])
    return stated["person"], stated["person_known_by"], stated["age_band"]


def enrol(intake: Service, participation: str, **changes: Any) -> dict[str, Any]:
    return intake.recorded(intake.delivery("participation.enrolled", participation=participation, **changes))


def correct(intake: Service, of: dict[str, Any], seen: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    personal = changes.pop("personal", None)
    kept = {key: value for key, value in of["data"].items() if key not in ("person", "person_known_by", "age_band")}
    reference = {"corrects": of["id"], "supersedes": (seen or of)["id"], "replacement": {**kept, **changes}}
    return intake.recorded(intake.delivery("participation.corrected", "enrolled", personal=personal, **reference))


def test_a_woman_is_the_same_person_by_her_number_however_it_is_written(intake: Service) -> None:
    first = enrol(intake, "anderlecht:p-1", personal={"niss": NUMBER})
    again = enrol(intake, "anderlecht:p-2", personal={"niss": "85.07.30-033.28"})
    moved = enrol(
        intake, "schaerbeek:p-1", source="/cpas/schaerbeek", case_manager="schaerbeek:cm-1", personal={"niss": NUMBER}
    )
    other = enrol(intake, "anderlecht:p-3", personal={"niss": BIS})
    assert added(first) == added(again) == added(moved)
    assert added(first)[1:] == ("number", "30_54")
    assert added(other)[0] != added(first)[0]


def test_the_number_of_a_real_woman_leads_a_test_cpas_nowhere_and_mints_nobody(intake: Service) -> None:
    def at(cpas: str) -> dict[str, Any]:
        manager = f"{cpas}:cm-1"
        personal = {"niss": NUMBER}
        return enrol(intake, f"{cpas}:p-1", source=f"/cpas/{cpas}", case_manager=manager, personal=personal)

    tried = at("test-acme")
    real = at("anderlecht")
    tried_elsewhere = at("test-beta")
    assert len({added(each)[0] for each in (tried, real, tried_elsewhere)}) == 3
    # Within one test CPAS she is one, so that a maker sees how it works.
    again = enrol(intake, "test-acme:p-2", source="/cpas/test-acme", case_manager="test-acme:cm-1",
                  personal={"niss": NUMBER})  # fmt: skip
    assert added(again) == added(tried)


def test_without_a_number_each_participation_is_a_person_of_its_own(intake: Service) -> None:
    one = enrol(intake, "anderlecht:p-1")
    two = enrol(intake, "anderlecht:p-2", personal={"first_name": "Exemple", "birth_date": "2000-01-01"})
    assert added(one)[0] != added(two)[0]
    assert added(one)[1:] == ("none", "not_available")
    assert added(two)[1:] == ("none", "18_29")


def test_one_batch_mints_one_person_for_one_number(intake: Service) -> None:
    deliveries = [
        intake.delivery("participation.enrolled", participation=f"anderlecht:p-{n}", personal={"niss": NUMBER})
        for n in range(3)
    ]
    assert [result.outcome for result in intake.record(*deliveries)] == ["recorded"] * 3
    assert intake.ask("select count(distinct body::jsonb -> 'data' ->> 'person') from event_store.event") == [(1,)]


def test_an_enrolment_sent_twice_mints_once(intake: Service) -> None:
    delivery = intake.delivery("participation.enrolled", participation="anderlecht:p-1")
    first, again = intake.record(delivery, delivery)
    assert (first.outcome, again.outcome) == ("recorded", "duplicate")
    assert intake.record(delivery)[0].outcome == "duplicate"
    assert intake.ask("select count(*) from event_store.event") == [(1,)]


def test_a_correction_keeps_person_and_age_band(intake: Service) -> None:
    first = enrol(intake, "anderlecht:p-1", personal={"niss": NUMBER})
    second = correct(intake, first, children=3)
    assert added(second) == added(first)
    third = correct(intake, first, seen=second, children=4)
    assert added(third) == added(first)
    assert third["data"]["replacement"]["children"] == 4


def test_a_correction_with_a_number_tells_who_she_is(intake: Service) -> None:
    known = enrol(intake, "anderlecht:p-1", personal={"niss": NUMBER})
    unknown = enrol(intake, "anderlecht:p-2")
    assert added(correct(intake, unknown, personal={"niss": NUMBER})) == added(known)


def test_a_correction_with_a_birth_date_gives_the_age_band_and_keeps_the_person(intake: Service) -> None:
    first = enrol(intake, "anderlecht:p-1")
    corrected = correct(intake, first, personal={"birth_date": "1960-05-05"})
    assert added(corrected) == (added(first)[0], "none", "55_plus")


def test_corrections_of_other_facts_get_nothing_added(intake: Service) -> None:
    enrol(intake, "anderlecht:p-014")
    paused = intake.recorded(intake.delivery("participation.paused"))
    delivery = intake.delivery("participation.corrected", "paused", corrects=paused["id"], supersedes=paused["id"])
    assert "person" not in intake.recorded(delivery)["data"]["replacement"]


def test_the_number_stands_nowhere_in_the_database(intake: Service) -> None:
    event = enrol(intake, "anderlecht:p-1", personal={"niss": NUMBER, "first_name": "Zq-Marker"})
    assert len(event["personaldigest"]) == 64
    tables = intake.ask(
        "select format('%I.%I', table_schema, table_name) from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
    )
    assert ("person.mapping",) in tables
    for (table,) in tables:
        for (row,) in intake.ask(f"select t::text from {table} as t"):
            assert NUMBER not in row
            assert NUMBER.encode().hex() not in row
            assert "Zq-Marker" not in row
