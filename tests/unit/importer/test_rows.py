"""A row is a fact that keeps its contract, or says everything that is wrong with it, in the words of the sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from miriam_contracts.problems import LANGUAGES
from miriam_emitter import Settings
from miriam_emitter.events import problems as contract_problems
from miriam_importer.examples import example_rows
from miriam_importer.ids import row_id
from miriam_importer.rows import Drafts
from miriam_importer.sheets import SHEETS

Cells = Callable[..., dict[str, Any]]
Fill = Callable[..., Path]
Import = Callable[..., Drafts]
NISS = "85.07.30-033.28"
NAME = "Zéphyrine"


def told(drafts: Drafts) -> list[tuple[int, str, str]]:
    return [(trouble.row, trouble.column, trouble.code) for trouble in drafts.troubles]


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_of_a_template_are_facts_that_keep_their_contract(
    fill: Fill, interpret: Import, settings: Settings, kind: str, language: str
) -> None:
    shown = example_rows(SHEETS[kind], language)
    drafts = interpret(fill(kind, dict(enumerate(shown, 2)), language))
    assert drafts.troubles == []
    assert {draft.fact for draft in drafts.found} == set(SHEETS[kind].facts)
    for draft in drafts.found:
        assert contract_problems(draft.event, settings) == []


def test_every_problem_of_every_row_is_told(fill: Fill, session: Cells, interpret: Import) -> None:
    rows = {
        2: session(1, place="kantine", duration_minutes=900, occurred_on="04/03/24"),
        3: session(2),
        4: {"project": "spp-is:2023-anderlecht-1"},
        5: session(3, fact="Gemist"),
        6: session(4, participation="p 14", project="mijn project", case_manager="85.07.30-033.28"),
        7: session(5, occurred_on="01/07/2025"),
    }
    found = told(interpret(fill("sessions", rows)))
    assert [each for each in found if each[0] == 2] == [
        (2, "Datum", "cell_year"),
        (2, "Plaats", "unknown_code"),
        (2, "Duur in minuten", "out_of_range"),
    ]
    assert [column for row, column, code in found if row == 4 and code == "required"] == [
        "Deelname", "Nummer van het gesprek", "Wat", "Datum",
    ]  # fmt: skip
    assert [(column, code) for row, column, code in found if row == 5] == [
        ("Duur in minuten", "cell_not_used"), ("Plaats", "cell_not_used"), ("Thema", "cell_not_used"),
        ("Casemanager", "cell_not_used"), ("Reden", "required"),
    ]  # fmt: skip
    assert {(column, code) for row, column, code in found if row == 6} == {
        ("Deelname", "cell_own_id"), ("Project", "cell_other_id"), ("Casemanager", "national_number_in_id"),
    }  # fmt: skip
    assert [each for each in found if each[0] == 7] == [(7, "Datum", "in_the_future")]
    assert 3 not in [row for row, _, _ in found]


def test_a_bound_is_told_with_the_heading_and_what_is_allowed(fill: Fill, session: Cells, interpret: Import) -> None:
    (trouble,) = interpret(fill("sessions", {2: session(duration_minutes=900)})).troubles
    assert trouble.said == "Duur in minuten valt buiten de grenzen; toegestaan: 1..720."
    (french,) = interpret(fill("sessions", {2: session(duration_minutes=900)}), "fr").troubles
    assert french.said.startswith("Durée en minutes est hors limites")


def enrolment(**changes: Any) -> dict[str, Any]:
    return {
        "project": "spp-is:2023-anderlecht-1", "participation": "p-1", "fact": "Ingeschreven",
        "occurred_on": "04/03/2024", "consented_on": "01/03/2024",
        "eligibility": "Alleenstaande moeder, dienst van het OCMW", "employment": "Werkloos",
        "education": "Hoger secundair", "children": 2, "language": "Frans", "case_manager": "cm-2",
        "personal/niss": NISS, "personal/first_name": NAME, "personal/birth_date": "30/07/1985", **changes,
    }  # fmt: skip


def test_personal_columns_go_into_the_block_that_is_sealed(fill: Fill, interpret: Import) -> None:
    (draft,) = interpret(fill("enrolments", {2: enrolment()})).found
    assert draft.event["data"]["personal"] == {"niss": "85073003328", "first_name": NAME, "birth_date": "1985-07-30"}
    assert NAME not in draft.id


@pytest.mark.parametrize("niss", ["85.07.30-033.29", "8507300332", "niet bekend"])
def test_check_digits_of_a_national_number_are_told_before_the_sending_and_the_number_is_not(
    fill: Fill, interpret: Import, niss: str
) -> None:
    (trouble,) = interpret(fill("enrolments", {2: enrolment(**{"personal/niss": niss})})).troubles
    assert (trouble.column, trouble.code) == ("INSZ", "national_number")
    assert niss not in trouble.said


def test_a_block_is_there_only_where_something_is_said(fill: Fill, interpret: Import) -> None:
    blank = {"personal/niss": None, "personal/first_name": " ", "personal/birth_date": None}
    (draft,) = interpret(fill("enrolments", {2: enrolment(**blank)})).found
    assert "personal" not in draft.event["data"]


def test_the_id_is_of_the_row_and_holds_no_digit_that_could_make_a_number(
    fill: Fill, session: Cells, interpret: Import
) -> None:
    (draft,) = interpret(fill("sessions", {2: session()})).found
    (other,) = interpret(fill("sessions", {9: session(place="Online", **{"personal/text": NAME})}, "nl")).found
    assert draft.id == other.id == row_id("anderlecht", "session", "held", ["anderlecht:p-014", "anderlecht:s-1"])
    (third,) = interpret(fill("sessions", {2: session(2)})).found
    assert third.id != draft.id
    assert not any(c.isdigit() for c in draft.id)
    assert len(f"{row_id('a', 'participation', 'followed_up', ['x'])}-c999") <= 64


def test_the_whole_event_is_of_the_row_alone_and_time_is_when_it_was_noted(
    fill: Fill, session: Cells, interpret: Import
) -> None:
    rows = {2: session(1), 3: session(2, noted_on="06/03/2024")}
    first, second = interpret(fill("sessions", rows)).found
    assert (first.event["time"], second.event["time"]) == ("2024-03-04T00:00:00Z", "2024-03-06T00:00:00Z")
    assert interpret(fill("sessions", rows)).found == [first, second]
    (early,) = interpret(fill("sessions", {2: session(noted_on="03/03/2024")})).troubles
    assert (early.column, early.allowed) == ("Genoteerd op", "2024-03-04..")


def test_two_rows_under_one_number_are_told_at_the_second(fill: Fill, session: Cells, interpret: Import) -> None:
    drafts = interpret(fill("sessions", {2: session(1), 3: session(2), 4: session(1, place="Online")}))
    assert told(drafts) == [(4, "Nummer van het gesprek", "row_repeated")]
    assert "rij 2" in drafts.troubles[0].said


def test_facts_go_out_in_the_order_of_their_days_and_of_their_course(fill: Fill, interpret: Import) -> None:
    base = {"project": "spp-is:2023-anderlecht-1", "participation": "p-1", "goal": "g-1"}
    rows: dict[int, dict[str, Any]] = {
        2: {**base, "fact": "Bereikt", "occurred_on": "05/03/2024", "evidence": "Document"},
        3: {**base, "fact": "Vastgelegd", "occurred_on": "05/03/2024", "domain": "Opleiding"},
        4: {**base, "goal": "g-0", "fact": "Vastgelegd", "occurred_on": "01/03/2024", "domain": "Werk"},
    }
    assert [draft.rows for draft in interpret(fill("goals", rows)).found] == [(4,), (3,), (2,)]


# -- the women of one group session ---------------------------------------------------------------------------------


def present(woman: str, how: str = "Aanwezig", **changes: Any) -> dict[str, Any]:
    return {
        "project": "spp-is:2023-anderlecht-1", "group": "g-1", "groupsession": "gs-1", "occurred_on": "04/03/2024",
        "duration_minutes": 90, "theme": "Huisvesting", "case_manager": "cm-2", "participation": woman, "presence": how,
        **changes,
    }  # fmt: skip


def test_the_rows_of_one_session_are_one_fact(fill: Fill, interpret: Import) -> None:
    rows = {
        2: present("p-3"), 3: present("p-9", groupsession="gs-2"), 4: present("p-1"),
        5: present("p-2", "Verontschuldigd"), 6: present("p-4", "Afwezig"),
    }  # fmt: skip
    drafts = interpret(fill("attendance", rows))
    first = next(draft for draft in drafts.found if len(draft.rows) == 4)
    assert first.event["data"]["present"] == ["anderlecht:p-1", "anderlecht:p-3"]
    assert first.event["data"]["excused"] == ["anderlecht:p-2"]
    assert first.event["data"]["absent"] == ["anderlecht:p-4"]
    assert first.women["anderlecht:p-1"] == 4
    turned = interpret(fill("attendance", {2: rows[6], 3: rows[5], 4: rows[4], 5: rows[2]}))
    assert turned.found[0].event == first.event


def test_a_session_with_a_broken_row_is_not_sent_by_halves(fill: Fill, interpret: Import) -> None:
    rows = {
        2: present("p-1"),
        3: present("p-2", "misschien"),
        4: present("p-3"),
        5: present("p-3", groupsession="gs-2"),
    }
    drafts = interpret(fill("attendance", rows))
    assert told(drafts) == [(2, "", "rows_together"), (3, "Aanwezigheid", "unknown_code"), (4, "", "rows_together")]
    assert [draft.rows for draft in drafts.found] == [(5,)]


def test_rows_of_one_session_that_differ_or_name_a_woman_twice_are_told(fill: Fill, interpret: Import) -> None:
    rows = {2: present("p-1"), 3: present("p-2", duration_minutes=60), 4: present("p-1", "Afwezig")}
    drafts = interpret(fill("attendance", rows))
    assert (3, "Duur in minuten", "rows_differ") in told(drafts)
    assert (4, "Deelname", "row_repeated") in told(drafts)
    assert drafts.found == []


def test_changes_belong_to_the_end_of_the_accompaniment(fill: Fill, interpret: Import) -> None:
    (shown,) = example_rows(SHEETS["assessments"], "nl")
    start = {**shown, "moment": "Begin"}
    (trouble,) = interpret(fill("assessments", {2: start})).troubles
    assert trouble.code == "changes_at_end"
    partly = {**shown, "changes/housing": None, "scores/leisure": None}
    found = told(interpret(fill("assessments", {2: partly})))
    assert ("Vrije tijd", "required") in [(column, code) for _, column, code in found]
