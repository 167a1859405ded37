"""The keyboard alone: everything is reached by Tab, in order, one sees where one is, and nothing is a trap."""

from __future__ import annotations

import pytest
from chromium import NewWindow
from keyboard import go_to, tab_through
from page_checks import NARROW
from pages_addresses import walk
from pages_scenario import ROLES, Pages, make_link


@pytest.mark.parametrize("role", ROLES)
def test_tab_reaches_all_there_is_in_order_and_shows_where_one_is(window: NewWindow, pages: Pages, role: str) -> None:
    open_ = window(role)
    wrong = {}
    for where in walk(pages, role):
        open_.visit(where)
        tabbed = tab_through(open_.page)
        assert len(tabbed.there) > 5, where
        wrong[where] = tabbed.wrong
    assert {where: found[:5] for where, found in wrong.items() if found} == {}


def test_the_first_tab_offers_to_skip_what_is_on_each_page(window: NewWindow) -> None:
    page = (open_ := window("auditor")).page
    open_.open("/editions/2023")
    skip = page.locator(".skip")
    left = "each => each.getBoundingClientRect().left"
    assert skip.evaluate(left) < 0
    page.keyboard.press("Tab")
    assert skip.evaluate(left) >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_one_signs_in_chooses_a_language_says_why_and_signs_out_without_a_mouse(
    window: NewWindow, pages: Pages
) -> None:
    open_ = window()
    page = open_.page
    open_.open(f"/sign-in/{make_link(pages.office.owner, 'auditor')}")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    go_to(page, "Sign in")
    page.keyboard.press("Enter")
    page.wait_for_url("**/editions", wait_until="load")
    go_to(page, "Nederlands")
    page.keyboard.press("Enter")
    page.wait_for_url("**lang=nl*", wait_until="load")
    assert page.locator("html").get_attribute("lang") == "nl"
    open_.open("/purpose?next=/accessibility?lang=nl")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("een steekproef")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/purpose" not in url)
    go_to(page, "Afmelden")
    page.keyboard.press("Enter")
    page.locator(".viewer").wait_for(state="detached")


def test_a_table_that_is_wider_than_the_page_scrolls_by_arrows(window: NewWindow) -> None:
    page = (open_ := window("auditor", viewport=NARROW)).page
    open_.open("/editions/2023/report/by/cpas")
    region = page.locator(".wide").last
    assert region.evaluate("each => each.scrollWidth > each.clientWidth")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("each => each.scrollLeft > 0", arg=region.element_handle())
