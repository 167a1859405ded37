"""The ways of those who look, from where they come in to what they came for, by what they see and press."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium import NewWindow, Window
from pages_scenario import Pages
from playwright.sync_api import Locator, expect


def link(window: Window, name: str) -> Locator:
    return window.page.get_by_role("link", name=name, exact=True).first


def press(window: Window, name: str) -> None:
    window.page.get_by_role("button", name=name, exact=True).first.click()


def headings(window: Window) -> Locator:
    return window.page.get_by_role("heading", level=1)


def shown(window: Window, tmp_path: Path, name: str) -> None:
    """Keep a picture of the screen beside the test's other files, for whoever looks into a failure."""
    window.page.screenshot(path=tmp_path / f"{name}.png")


def test_anybody_reads_a_published_report_in_which_small_cells_are_withheld(window: NewWindow, tmp_path: Path) -> None:
    public = window()
    public.open("/")
    expect(headings(public)).to_have_text("Published reports")
    link(public, "2023-r1").click()
    expect(public.page.get_by_text("It was restated: Late facts were counted.")).to_be_visible()
    expect(public.page.get_by_text("Some figures are withheld, so that nobody can be recognised")).to_be_visible()
    women = public.page.get_by_role("listitem").filter(has_text="Women supported")
    expect(women).to_contain_text("withheld")
    link(public, "CPAS").click()
    public.page.get_by_text("The numbers of this picture").first.click()
    expect(public.page.get_by_role("row", name="alpha").first).to_contain_text("withheld")
    with public.page.expect_download() as saving:
        link(public, "JSON").click()
    told = json.loads(saving.value.path().read_text("utf-8"))
    assert "withheld" in json.dumps(told)
    shown(public, tmp_path, "published")
    # What is not published is not for everybody.
    public.open("/editions/2023")
    expect(headings(public)).to_have_text("Sign in")


def test_an_auditor_goes_from_a_figure_to_its_proof_and_back_through_history(
    window: NewWindow, pages: Pages, tmp_path: Path
) -> None:
    auditor = window("auditor")
    page = auditor.page
    link(auditor, "2023").click()
    page.get_by_role("navigation", name="About this edition").get_by_role("link", name="Goals").click()
    link(auditor, "Report").click()
    link(auditor, "Women supported").click()
    link(auditor, "Show the events").click()
    expect(headings(auditor)).to_have_text("Why do you look?")
    auditor.say_why("sample 12 of the check on the spot")
    expect(page.get_by_text("sample 12 of the check on the spot")).to_be_visible()
    page.get_by_role("region", name="The events behind it").get_by_role("link", name="Enrolment").first.click()
    press(auditor, "Check in this browser")
    proved = page.get_by_role("status").filter(has_text="Proved: this very text stands in the signed ledger.")
    expect(proved).to_be_visible()
    shown(auditor, tmp_path, "proved")
    text = page.get_by_label("The event, as it was recorded, to the letter")
    body = text.input_value()
    text.fill(body[:-20] + ("0" if body[-20] != "0" else "1") + body[-19:])
    press(auditor, "Check in this browser")
    expect(page.get_by_role("status").filter(has_text="NOT proved.")).to_be_visible()

    auditor.open("/editions/2023/history")
    expect(page.locator("#then h2").first).to_contain_text("As known now")
    now = page.locator("#then").inner_text()
    page.get_by_label("Slide through the history").press("Home")
    expect(page.locator("#redrawn")).to_contain_text("position")
    assert page.locator("#then").inner_text() != now
    assert "as_of=" in page.url
    shown(auditor, tmp_path, "as-of")
    link(auditor, "What has changed since, and why").click()
    expect(headings(auditor)).to_have_text("What changed in edition 2023")
    newest = page.locator("#moments option").first.get_attribute("value")
    page.get_by_label("To", exact=True).fill(str(newest))
    press(auditor, "Compare")
    changes = page.get_by_role("region", name="Figures that changed")
    assert changes.get_by_role("row").count() > 2
    changes.get_by_role("link").first.click()
    expect(page.get_by_role("rowheader").first).to_be_visible()
    shown(auditor, tmp_path, "causes")


def test_a_case_manager_finds_whether_her_sessions_arrived(window: NewWindow, pages: Pages, tmp_path: Path) -> None:
    manager = window("cpas")
    page = manager.page
    link(manager, "Refusals and late facts").click()
    expect(headings(manager)).to_have_text(f"What arrived: {pages.cpas}")
    expect(page.get_by_text("The last event arrived on")).to_be_visible()
    expect(page.get_by_role("region", name="Refused, by day and reason")).to_contain_text("A field is missing")
    link(manager, "See the events themselves, or look for one").click()
    manager.say_why("did my sessions arrive")
    known = page.get_by_role("region", name="Recorded events").get_by_role("rowheader").first.inner_text()
    page.get_by_label("The id that your system gave an event").fill(known)
    press(manager, "Look for it")
    expect(page.get_by_role("region", name="Recorded events")).to_contain_text(known)
    page.get_by_label("The id that your system gave an event").fill("never-sent-0001")
    press(manager, "Look for it")
    expect(page.get_by_role("status")).to_contain_text("No event with this id was recorded.")
    shown(manager, tmp_path, "not-arrived")


def test_the_officer_answers_a_request_and_sees_who_looked(window: NewWindow, tmp_path: Path) -> None:
    window("auditor").visit("/editions/2023/figures/I01", "the officer must see this look")
    officer = window("dpo")
    page = officer.page
    expect(headings(officer)).to_have_text("Requests of persons")
    page.get_by_label("Reference of your own file").fill("2024-900")
    page.get_by_label("What she asks for").select_option("access")
    page.get_by_label("Received on").fill("2024-06-17")
    press(officer, "Enter it")
    officer.visit("/privacy/requests/2024-900", "to answer her")
    page.get_by_text("It is done", exact=True).click()
    page.get_by_label("No data of hers are held, and she was told so.").check()
    press(officer, "Note that it is done")
    expect(page.get_by_role("region", name="Steps")).to_contain_text("done")
    expect(page.get_by_role("button", name="Note that it is done")).to_have_count(0)
    shown(officer, tmp_path, "answered")
    link(officer, "Access log").click()
    page.get_by_label("Who").fill("auditor.tester")
    press(officer, "Show")
    looks = page.get_by_role("region", name="Looks, the newest first")
    row = looks.get_by_role("row").filter(has_text="the officer must see this look").first
    expect(row).to_contain_text("I01")
    link(officer, "Check all of it now").click()
    expect(page.get_by_role("status")).to_contain_text("The log is as it was written.")
    shown(officer, tmp_path, "looks")


def test_an_operator_sees_services_and_no_data(window: NewWindow, tmp_path: Path) -> None:
    operator = window("operator")
    expect(headings(operator)).to_have_text("Services")
    # The tests run reporting alone, and the page says that.
    expect(operator.page.get_by_role("alert")).to_contain_text("No recording service is known here")
    press(operator, "Look again")
    expect(headings(operator)).to_have_text("Services")
    shown(operator, tmp_path, "services")
    operator.allowed.add(403)
    for where in ("/editions", "/arrivals", "/access-log", "/privacy/requests"):
        assert operator.open(where).status == 403
        expect(headings(operator)).to_have_text("This page is not for your role")


@pytest.mark.parametrize("role", ["auditor", "cpas", "dpo"])
def test_the_same_is_reached_without_script(window: NewWindow, role: str) -> None:
    plain = window(role, java_script_enabled=False)
    page = plain.page
    if role == "dpo":
        link(plain, "2024-017").click()
        plain.say_why()
        expect(headings(plain)).to_have_text("Request 2024-017")
        return
    link(plain, "2023").click()
    expect(page.get_by_role("region").first).to_be_visible()
    link(plain, "As it was known").click()
    page.get_by_label("As known at").select_option(index=3)
    press(plain, "Show")
    expect(page.locator("#then h2").first).to_contain_text("position")
    plain.open("/editions/2023")
    link(plain, "Women supported").click()
    link(plain, "Show the events").click()
    plain.say_why()
    page.get_by_role("region", name="The events behind it").get_by_role("link").first.click()
    expect(page.get_by_text("python3 miriam_verify.py proof")).to_be_visible()
