"""Every page, as each role sees it: WCAG 2.1 AA as far as a program can tell, at any size, on paper, and light."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from chromium import Window
from page_checks import WIDE, Looked, Scale, look, violations
from pages_addresses import walk
from pages_scenario import ROLES, Pages
from playwright.sync_api import Browser

LIGHT = 300_000
Walked = Callable[[str], list[Looked]]


@pytest.fixture(scope="module")
def walked(browser: Browser, pages: Pages, origin: str) -> Walked:
    """`walked("auditor")`: each page of a role, looked at once. What goes wrong on the way fails the test that asks."""

    @cache
    def go(role: str) -> list[Looked]:
        context = browser.new_context(locale="en", viewport=WIDE)
        window = Window(pages, origin, context)
        if role != "public":
            window.sign_in(role)
        scale = Scale(window)
        found = [look(window, where, scale) for where in walk(pages, role)]
        context.close()
        assert window.problems == []
        return found

    return go


def _wrong(found: list[Looked], what: str) -> dict[str, list[str]]:
    return {each.where: getattr(each, what) for each in found if getattr(each, what)}


@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_on_any_page(walked: Walked, role: str) -> None:
    assert _wrong(walked(role), "axe") == {}


@pytest.mark.parametrize("role", ROLES)
def test_no_page_scrolls_sideways_at_400_percent(walked: Walked, role: str) -> None:
    assert _wrong(walked(role), "sideways") == {}


@pytest.mark.parametrize("role", ROLES)
def test_wider_spaced_text_is_cut_nowhere(walked: Walked, role: str) -> None:
    assert _wrong(walked(role), "cut") == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_picture_is_drawn_told_in_words_and_has_a_table_beside_it(walked: Walked, role: str) -> None:
    assert _wrong(walked(role), "pictures") == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_page_has_one_main_heading_and_leaves_no_level_out(walked: Walked, role: str) -> None:
    assert _wrong(walked(role), "outline") == {}


@pytest.mark.parametrize("role", ROLES)
def test_on_paper_there_is_no_menu_and_no_form_and_nothing_is_folded(walked: Walked, role: str) -> None:
    assert _wrong(walked(role), "printed") == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_page_weighs_less_than_300_kb_with_all_that_it_needs(walked: Walked, role: str) -> None:
    weights = {each.where: each.weight for each in walked(role)}
    # Style and page alone are some kilobytes: less would mean that nothing was weighed.
    assert min(weights.values()) > 4_000
    assert {where: weight for where, weight in weights.items() if weight >= LIGHT} == {}


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_axe_finds_nothing_in_another_language(browser: Browser, pages: Pages, origin: str, language: str) -> None:
    context = browser.new_context(locale=language, viewport=WIDE)
    window = Window(pages, origin, context)
    window.sign_in("auditor")
    wrong = {}
    for where in ("/editions", "/editions/2023", "/purpose?next=/", "/accessibility"):
        window.open(where)
        assert window.page.locator("html").get_attribute("lang") == language
        wrong[where] = violations(window)
    context.close()
    assert window.problems == []
    assert {where: found for where, found in wrong.items() if found} == {}
