"""The slider over an edition's history redraws the report where it stands; the list of moments does without script."""

from __future__ import annotations

from chromium import NewWindow
from pages_scenario import EDITION

ADDRESS = f"/editions/{EDITION}/history"


def test_the_slider_redraws_the_report_of_then_by_keyboard(window: NewWindow) -> None:
    auditor = window("auditor")
    auditor.open(ADDRESS)
    page = auditor.page
    now = page.locator("#then").inner_text()
    page.evaluate("window.still_here = true")
    slider = page.get_by_label("Slide through the history")
    slider.focus()
    page.keyboard.press("Home")
    page.get_by_role("status").get_by_text("As known at position").wait_for()
    oldest = page.locator("#then").inner_text()
    assert oldest != now
    page.keyboard.press("End")
    page.get_by_role("status").get_by_text("As known now").wait_for()
    assert page.locator("#then").inner_text() == now
    assert page.evaluate("window.still_here"), "the page was loaded anew"


def test_the_slider_says_the_moment_and_the_address_and_the_exports_follow_it(window: NewWindow) -> None:
    auditor = window("auditor")
    auditor.open(ADDRESS)
    page = auditor.page
    slider = page.get_by_label("Slide through the history")
    slider.focus()
    page.keyboard.press("Home")
    page.get_by_role("status").get_by_text("As known at position").wait_for()
    chosen = page.locator("#as_of").input_value()
    assert slider.get_attribute("aria-valuetext") == page.locator("#moment-label").inner_text()
    assert page.url.endswith(f"as_of={chosen}")
    assert f"as_of={chosen}" in str(page.locator("#exports a").first.get_attribute("href"))


def test_without_script_the_list_shows_the_report_of_then(window: NewWindow) -> None:
    auditor = window("auditor", java_script_enabled=False)
    auditor.open(ADDRESS)
    page = auditor.page
    assert page.locator("#slider").is_hidden()
    page.locator("#as_of").select_option(index=3)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(lambda url: "as_of=" in url)
    assert "As known" in page.locator("#then h2").first.inner_text()
