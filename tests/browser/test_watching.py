"""What the other tests of this folder rest upon: each thing that a page must not do is noticed, and axe does look."""

from __future__ import annotations

import pytest
from chromium import NewWindow, Window
from page_checks import NARROW, Scale, look, violations
from playwright.sync_api import Error


@pytest.fixture
def open_(window: NewWindow) -> Window:
    found: Window = window()
    found.open("/sign-in")
    return found


def noticed(window: Window, deed: str) -> str:
    """What the window noted while the page did this."""
    window.page.evaluate(deed)
    window.page.wait_for_timeout(300)
    told = "\n".join(window.problems)
    window.problems.clear()
    return told


def test_an_error_on_the_console_is_noticed(open_: Window) -> None:
    assert "console: alas" in noticed(open_, "console.error('alas')")


def test_an_error_that_nobody_caught_is_noticed(open_: Window) -> None:
    assert "nobody caught this" in noticed(open_, "setTimeout(() => { throw new Error('nobody caught this'); })")


def test_inline_script_is_not_run_and_is_noticed(open_: Window) -> None:
    script = (
        "() => { const it = document.createElement('script'); it.text = 'window.ran = 1'; document.head.append(it); }"
    )
    told = noticed(open_, script)
    assert "Content Security Policy" in told
    assert open_.page.evaluate("window.ran") is None


def test_a_request_that_leaves_the_pages_is_noticed(open_: Window) -> None:
    told = noticed(
        open_, "() => { const it = new Image(); it.src = 'http://elsewhere.example/p.png'; document.body.append(it); }"
    )
    assert "elsewhere.example" in told


def test_an_answer_of_400_and_above_is_noticed(open_: Window) -> None:
    open_.open("/no-such-page")
    assert [each.endswith("/no-such-page: 404") for each in open_.problems] == [True]
    open_.problems.clear()


def test_no_other_host_has_a_name(open_: Window) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        open_.page.goto("http://elsewhere.example/")
    open_.problems.clear()


def test_what_is_wrong_with_a_page_is_found(open_: Window) -> None:
    page = open_.page
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input id=bare>')")
    assert [each.partition(":")[0] for each in violations(open_)] == ["label"]


def test_a_page_that_is_too_wide_is_found(window: NewWindow) -> None:
    open_ = window("auditor")
    scale = Scale(open_)
    style = "document.styleSheets[0].insertRule('h1 { min-width: 400px !important }', 0)"
    open_.page.on("load", lambda page: page.evaluate(style))
    found = look(open_, "/editions", scale)
    assert any("<h1" in each for each in found.sideways)
    assert open_.page.viewport_size != NARROW
