"""The data protection officer's pages: requests with their deadlines, what was destroyed, and who looked at what."""

from __future__ import annotations

import base64
import re
from html import unescape

import pytest
from pages_privacy import BLOCKS, GROUND, REFERENCE, erased_person, erasure_position
from pages_scenario import Pages, Reader

from miriam_reporting.audit.access import looks
from miriam_reporting.privacy import register
from miriam_reporting.web.guard import asked_now
from miriam_reporting.web.parts import PARTS
from miriam_reporting.web.parts.privacy.access_log import shown_as
from miriam_transparency.merkle import verify_inclusion
from miriam_transparency.notes import Checkpoint, Note
from miriam_transparency.proofs import Proof

WHY = "a request of her own"


@pytest.fixture
def officer(pages: Pages) -> Reader:
    return pages.reader("dpo", purpose=WHY)


@pytest.fixture
def person(pages: Pages) -> str:
    with pages.office.app as app:
        return erased_person(app)


def text(reader: Reader, address: str, status: int = 200) -> str:
    answer = reader.get(address)
    assert answer.status_code == status, address
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def last_look(pages: Pages) -> tuple[str, str, str | None, int | None, str]:
    with pages.office.app as app:
        *_, look = looks(app)
    return look.actor, look.purpose, look.view, look.rows, look.kind


def test_requests_are_listed_with_their_deadline_and_what_is_left_in_words(officer: Reader) -> None:
    page = text(officer, "/privacy/requests")
    assert f"/privacy/requests/{REFERENCE}" in page
    assert "17 July 2024" in page
    assert re.search(r"overdue by \d+ days", page)
    assert "GDPR, art. 17" in page


def test_a_request_is_entered_and_answered_by_forms_alone(pages: Pages, officer: Reader) -> None:
    officer.get("/privacy/requests?lang=en")
    answer = officer.post("/privacy/requests", reference="2025-001", right="access", received_on="2025-03-05")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/privacy/requests/2025-001")
    page = text(officer, "/privacy/requests/2025-001")
    assert "7 April 2025" in page  # 5 April is a Saturday
    with pages.office.app as app, app.cursor() as cursor:
        cursor.execute("select participation, person from facts.participation order by from_position desc limit 1")
        ((participation, person),) = cursor.fetchall()
    steps = "/privacy/requests/2025-001/steps"
    assert officer.post(steps, step="identified", persons=participation, on="2025-03-06").status_code == 303
    assert officer.post(steps, step="extended", reason="complexity", on="2025-04-07").status_code == 303
    page = text(officer, "/privacy/requests/2025-001")
    assert person in page
    assert "5 June 2025" in page
    assert "the request is complex (GDPR, art. 12(3))" in page
    assert officer.post(steps, step="done", on="2025-06-06").status_code == 303
    page = text(officer, "/privacy/requests/2025-001")
    assert "closed 1 day late" in page
    assert "Take a step" not in page
    with pages.office.app as app:
        kept = register.request_of(app, "2025-001")
    assert kept is not None
    assert {taken.actor for taken in kept.steps} == {"dpo.tester"}


def test_a_request_that_is_refused_keeps_what_was_typed_and_says_why(officer: Reader) -> None:
    officer.get("/privacy/requests?lang=en")
    answer = officer.post("/privacy/requests", reference="850730-033-28", right="erasure", received_on="2025-03-05")
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "it holds a national number, which must not stand here" in page
    assert 'value="850730-033-28"' in page
    assert '<option value="erasure" selected>' in page
    answer = officer.post("/privacy/requests", reference="2025-002", right="erasure", received_on="the fifth")
    assert (answer.status_code, "it is no day" in answer.get_data(as_text=True)) == (422, True)


def test_a_step_that_is_refused_says_which_rule_and_what_would_be_allowed_and_shows_nobody(
    officer: Reader, person: str
) -> None:
    officer.get("/privacy/requests?lang=en")
    steps = f"/privacy/requests/{REFERENCE}/steps"
    for form, told in (
        ({"step": "extended", "reason": "complexity", "on": "2024-07-18"}, "first month (allowed: ≤ 2024-07-17)"),
        ({"step": "done", "ground": "objection", "on": "2024-07-02"}, f"names another ground (allowed: {GROUND})"),
        ({"step": "identified", "persons": "nowhere:p-1", "on": "2024-07-02"}, "the ledger knows no such person"),
        ({"step": "refused", "ground": "rights_of_others", "on": "2024-07-02"}, "none of the values of the list"),
        ({"step": "withdrawn", "on": "2999-01-01"}, "it is in the future"),
    ):  # fmt: skip
        answer = officer.post(steps, **form)
        page = unescape(answer.get_data(as_text=True))
        assert (answer.status_code, told in page) == (422, True), (form, page)
        assert person not in page


def test_an_erasure_that_was_carried_out_offers_no_command_and_one_that_was_not_names_it(
    pages: Pages, officer: Reader, person: str
) -> None:
    assert "miriam erase" not in text(officer, f"/privacy/requests/{REFERENCE}")
    with pages.office.app as app, app.cursor() as cursor:
        cursor.execute("select person from facts.participation where person <> %s limit 1", (person,))
        ((other,),) = cursor.fetchall()
    officer.get("/privacy/requests")
    officer.post("/privacy/requests", reference="2025-003", right="erasure", received_on="2025-03-05")
    officer.post("/privacy/requests/2025-003/steps", step="identified", persons=other, on="2025-03-06")
    page = text(officer, "/privacy/requests/2025-003")
    assert f"miriam erase {other} --ground GROUND --actor ID" in page
    assert "she withdrew her consent (GDPR, art. 17(1)(b))" in page
    officer.post("/privacy/requests/2025-003/steps", step="withdrawn", on="2025-03-07")


def test_what_was_destroyed_is_shown_with_each_services_word_and_its_proof(
    pages: Pages, officer: Reader, person: str
) -> None:
    assert f"/privacy/erasures/{person}" in text(officer, "/privacy/erasures")
    page = text(officer, f"/privacy/erasures/{person}")
    for service, blocks in BLOCKS.items():
        assert re.search(rf"<code>{service}</code>.*?>{blocks}<", page)
    assert f"{sum(BLOCKS.values())} sealed entries" in page
    assert REFERENCE in page
    assert last_look(pages) == ("dpo.tester", WHY, "erasure", len(BLOCKS), "look")


def test_a_proof_taken_home_holds_with_nothing_but_the_statement_and_the_signed_head(
    pages: Pages, officer: Reader, person: str
) -> None:
    with pages.office.app as app:
        position = erasure_position(app)
        with app.cursor() as cursor:
            cursor.execute(
                "select position, hash from ledger.leaf where position between %s and %s", (position, position + 2)
            )
            leaves = {found: bytes(leaf) for found, leaf in cursor.fetchall()}
    for found, leaf in leaves.items():
        answer = officer.get(f"/privacy/erasures/{person}/proofs/{found}")
        assert answer.headers["Content-Disposition"].endswith('.tlog-proof"')
        proof = Proof.parse(answer.get_data(as_text=True))
        head = Checkpoint.parse(Note.parse(proof.checkpoint).text)
        verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
    assert officer.get(f"/privacy/erasures/{person}/proofs/1").status_code == 404
    page = officer.get(f"/privacy/erasures/{person}?format=json")
    assert base64.b64decode(page.get_json()["checkpoint"]["root"]) == head.root


def test_of_a_statement_that_was_tampered_with_nothing_is_shown(pages: Pages, officer: Reader, person: str) -> None:
    change = "update ledger.leaf set body = replace(body, %s, %s) where type = 'miriam.key.destroyed.v1'"
    true, false = f'"blocks":{BLOCKS["sessions"]}', '"blocks":9'

    def tamper(before: str, after: str) -> None:
        with pages.office.owner as owner, owner.cursor() as cursor:
            cursor.execute("alter table ledger.leaf disable trigger user")
            cursor.execute(change, (before, after))
            cursor.execute("alter table ledger.leaf enable trigger user")

    tamper(true, false)
    try:
        page = text(officer, f"/privacy/erasures/{person}", 500)
    finally:
        tamper(false, true)
    assert "it was tampered with" in page
    assert "sessions" not in page
    assert "sessions" in text(officer, f"/privacy/erasures/{person}")


def test_an_auditor_sees_the_proofs_and_not_the_requests(pages: Pages, person: str) -> None:
    auditor = pages.reader("auditor", purpose="whether erasures are done")
    page = text(auditor, f"/privacy/erasures/{person}")
    assert "intake" in page
    assert REFERENCE not in page
    assert auditor.get("/privacy/requests").status_code == 403


def test_what_is_held_is_counted_and_nothing_of_it_is_told(pages: Pages, officer: Reader, person: str) -> None:
    page = text(officer, f"/privacy/persons/{person}")
    assert "She is erased" in page
    assert "enrolment" in page
    with pages.office.app as app, app.cursor() as cursor:
        cursor.execute("select case_manager from facts.participation where person = %s", (person,))
        assert all(manager not in page for (manager,) in cursor.fetchall())
    assert last_look(pages)[2] == "held"
    assert officer.get("/privacy/persons/prs-" + "f" * 32).status_code == 404
    assert officer.get("/privacy/persons/jeanne").status_code == 404


def test_reading_the_access_log_is_noted_and_stands_in_it_at_the_next_reading(pages: Pages) -> None:
    officer = pages.reader("dpo", purpose="who looked in June")
    first = text(officer, "/access-log")
    assert "who looked in June" in first  # the purpose that is shown on each page
    assert "privacy.access_log" not in first.split("who looked in June")[0]
    actor, purpose, view, rows, kind = last_look(pages)
    assert (actor, purpose, view, kind) == ("dpo.tester", "who looked in June", "access_log", "look")
    assert rows is not None
    again = text(officer, "/access-log?actor=dpo.tester&kind=look")
    assert "privacy.access_log" in again


def test_the_access_log_is_filtered_and_paged(pages: Pages, officer: Reader) -> None:
    reader = pages.reader("auditor", purpose="many looks")
    for _ in range(51):
        assert reader.get("/privacy/erasures?format=json").status_code == 200
    page = text(officer, "/access-log?actor=auditor.tester&kind=export")
    assert page.count("privacy.erasures") == 50
    further = re.search(r'href="(/access-log\?[^"]*before=\d+[^"]*)"', page)
    assert further is not None
    assert text(officer, further[1]).count("privacy.erasures") >= 1
    assert "Nothing here." in text(officer, "/access-log?day=2001-01-01")
    assert officer.get("/access-log?kind=peek").status_code == 404
    assert officer.get("/access-log?day=yesterday").status_code == 404


def test_each_page_of_single_women_has_a_name_in_the_access_log(pages: Pages) -> None:
    with pages.app.test_request_context("/"):
        pages.app.preprocess_request()
        asked = asked_now()
        noted = {route.endpoint for part in PARTS for route in part.routes if route.look}
        assert noted
        assert [each for each in noted if not shown_as(asked, each)] == []


def test_the_log_says_whether_it_is_whole(officer: Reader) -> None:
    assert "Check all of it now" in text(officer, "/access-log")
    assert re.search(r"The log is as it was written.*<code>[0-9a-f]{64}</code>", text(officer, "/access-log?check=yes"))


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "RGPD, art. 17"), ("nl", "AVG, art. 17"), ("de", "DSGVO, Art. 17"), ("en", "GDPR, art. 17")],
)
def test_a_request_is_told_in_each_language(pages: Pages, language: str, words: str) -> None:
    officer = pages.reader("dpo", purpose=WHY, language=language)
    page = text(officer, f"/privacy/requests/{REFERENCE}")
    assert words in page
    assert ("overdue" in page) == (language == "en")
