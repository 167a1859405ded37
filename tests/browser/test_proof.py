"""The button that checks a proof, pressed: it holds; with a letter changed or under another key it fails in words."""

from __future__ import annotations

import pytest
from chromium import NewWindow, Window
from pages_addresses import values_of
from pages_scenario import Pages
from playwright.sync_api import Request, expect

from miriam_transparency import notes
from miriam_transparency.keys import SigningKey

CHECK = "Check in this browser"
PROVED = "Proved: this very text stands in the signed ledger."


@pytest.fixture
def event(window: NewWindow, pages: Pages) -> Window:
    """The page of an event, before an auditor."""
    made = window("auditor")
    made.visit(f"/events/{values_of(pages)['event']}")
    return made


def test_the_button_proves_the_event_step_by_step_and_asks_nobody(event: Window) -> None:
    sent: list[Request] = []
    event.page.on("request", lambda request: sent.append(request))
    event.page.get_by_role("button", name=CHECK).click()
    expect(event.page.get_by_role("status")).to_have_text(PROVED)
    steps = event.page.get_by_role("list", name="Steps of the check").get_by_role("listitem")
    expect(steps).to_have_count(5)
    expect(steps.first).to_contain_text(event.page.locator("#proof-leaf").text_content() or "?")
    expect(steps.nth(3)).to_contain_text("miriam.example/ledger")
    assert [request.url for request in sent if not request.url.endswith("/static/icon.svg")] == []


def test_one_letter_changed_is_noticed_and_can_be_put_back(event: Window) -> None:
    text = event.page.get_by_label("The event, as it was recorded, to the letter")
    body = text.input_value()
    text.fill(body.replace('"participation"', '"participatiom"', 1))
    event.page.get_by_role("button", name=CHECK).click()
    expect(event.page.get_by_role("status")).to_have_text("NOT proved.")
    expect(event.page.get_by_text("this is not the text that was recorded")).to_be_visible()
    event.page.get_by_role("button", name="Put everything back").click()
    expect(event.page.get_by_role("status")).to_have_text("")
    assert text.input_value() == body
    event.page.get_by_role("button", name=CHECK).press("Enter")
    expect(event.page.get_by_role("status")).to_have_text(PROVED)


def test_who_gives_another_key_is_told_that_it_did_not_sign(event: Window) -> None:
    other = SigningKey.make("miriam.example/ledger", notes.LOG)
    event.page.get_by_label("Public keys of the ledger").fill(f"{other.verifier.text()}\n")
    event.page.get_by_role("button", name=CHECK).click()
    expect(event.page.get_by_role("status")).to_have_text("NOT proved.")
    expect(event.page.get_by_text("None of the keys given is the key of the ledger")).to_be_visible()


def test_an_event_that_no_signed_head_reaches_has_no_button_yet(window: NewWindow, pages: Pages) -> None:
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute("select event_id from ledger.leaf order by position desc limit 1")
        ((last,),) = cursor.fetchall()
    made = window("auditor")
    made.visit(f"/events/{last}")
    expect(made.page.get_by_text("No checkpoint reaches this event yet.")).to_be_visible()
    expect(made.page.get_by_role("button", name=CHECK)).to_have_count(0)


def test_without_script_the_page_says_how_to_check_it_elsewhere(window: NewWindow, pages: Pages) -> None:
    made = window("auditor", java_script_enabled=False)
    made.visit(f"/events/{values_of(pages)['event']}")
    expect(made.page.get_by_role("button", name=CHECK)).to_be_hidden()
    expect(made.page.get_by_text("The button needs script.")).to_be_visible()
    expect(made.page.get_by_text("python3 miriam_verify.py proof")).to_be_visible()
