"""The answer to each row: a status in words, the number, and why not, at the row concerned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from miriam_contracts.canonical import canonical
from miriam_contracts.problems import Problem, describe
from miriam_emitter.receipts import Receipt
from miriam_emitter.spool import Kept
from miriam_importer import copying
from miriam_importer.answering import Answer, answers
from miriam_importer.plan import Plan, Step, Would
from miriam_importer.reading.table import read
from miriam_importer.rows import Drafts
from miriam_importer.sheets import SHEETS

Cells = Callable[..., dict[str, Any]]
Fill = Callable[..., Path]
Import = Callable[..., Drafts]


def kept(outcome: str, state: str = "done", problems: list[dict[str, Any]] | None = None) -> Kept:
    content = {"service": "groups", "events": [{"id": "x", "sequence": 41}], "problems": problems or []}
    return Kept(state, b"", b"", Receipt("e", outcome, "groups", canonical(content)) if outcome else None)


@pytest.fixture
def answered(fill: Fill, session: Cells, interpret: Import) -> Callable[[Would, Kept | None], Answer]:
    """`answered(Would.NEW, kept("recorded"))`: the answer to the one row of a file."""

    def make(would: Would, found: Kept | None) -> Answer:
        (draft,) = interpret(fill("sessions", {2: session()})).found
        plan = Plan([Step(draft, would, draft.id)])
        return answers(plan, [], {draft.id: found} if found else {}, SHEETS["sessions"], "fr")[2]

    return make


@pytest.mark.parametrize(
    ("would", "found", "said", "number"),
    [
        (Would.NEW, kept("recorded"), "Enregistré", "groups 41"),
        (Would.AGAIN, kept("recorded"), "Enregistré", "groups 41"),
        (Would.NEW, kept("duplicate"), "Déjà enregistré", "groups 41"),
        (Would.KNOWN, kept("recorded"), "Déjà enregistré", "groups 41"),
        (Would.CORRECT, kept("recorded"), "Correction enregistrée", "groups 41"),
        (Would.WITHDRAW, kept("recorded"), "Retiré", "groups 41"),
        (Would.NEW, kept("parked", "parked"), "Chez Miriam, réponse plus tard", ""),
        # The refusal of before is no answer to what is on its way again.
        (Would.AGAIN, kept("refused", "waiting"), "Attend une réponse", ""),
        (Would.WAIT, kept("", "waiting"), "Attend une réponse", ""),
        (Would.NEW, None, "Pas envoyé", ""),
    ],
)
def test_a_row_is_answered_in_words_with_its_number(
    answered: Callable[..., Answer], would: Would, found: Kept | None, said: str, number: str
) -> None:
    assert answered(would, found).cells("fr") == (said, number, "")


def test_a_refusal_is_told_with_the_heading_and_the_rule(answered: Callable[..., Answer]) -> None:
    told = {"code": "session_id_used", "field": "data/session", "allowed": "", "title": {"fr": "autre"}}
    found = answered(Would.NEW, kept("refused", problems=[told]))
    assert found.cells("fr")[::2] == ("Refusé", describe(Problem("session_id_used", "Numéro de l'entretien"), "fr"))
    later = {"code": "rule_of_tomorrow", "field": "data/session", "title": {"fr": "Règle de demain.", "en": "no"}}
    assert answered(Would.NEW, kept("refused", problems=[later])).why == "Règle de demain."


def test_a_woman_of_a_group_session_is_answered_at_her_row(fill: Fill, interpret: Import) -> None:
    base = {
        "project": "spp-is:2023-anderlecht-1", "group": "g-1", "groupsession": "gs-1", "occurred_on": "04/03/2024",
        "duration_minutes": 90, "theme": "Huisvesting", "case_manager": "cm-2", "presence": "Aanwezig",
    }  # fmt: skip
    rows = {2: {**base, "participation": "p-9"}, 3: {**base, "participation": "p-2"}}
    (draft,) = interpret(fill("attendance", rows)).found
    # In the list p-2 stands first, in the sheet it does not.
    told = {"code": "not_a_member", "field": "data/replacement/present/0", "allowed": ""}
    step = Step(draft, Would.CORRECT, draft.id)
    refused = {draft.id: kept("refused", problems=[told])}
    found = answers(Plan([step]), [], refused, SHEETS["attendance"], "nl")
    assert found[3].why == describe(Problem("not_a_member", "Deelname"), "nl")
    assert "rij 3" in found[2].why


def test_an_answer_is_text_whatever_it_begins_with(fill: Fill, session: Cells) -> None:
    file = fill("sessions", {2: session()})
    copy = copying.write(
        read(file), {2: Answer("said_refused", "bad", why='=HYPERLINK("https://somewhere.example")')}, "nl"
    )
    [row] = list(load_workbook(copy).worksheets[0].iter_rows(min_row=2, max_row=2))
    [told] = [cell for cell in row if str(cell.value).startswith("=HYPERLINK")]
    assert told.data_type == "s"
