"""The pages of a filled database, served as they are in use, and a Chromium for each file of tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))
sys.path.insert(0, str(Path(__file__).parents[1] / "published"))
sys.path.insert(0, str(Path(__file__).parents[1] / "running"))

from chromium import NewWindow, Window, chromium
from pages_scenario import Pages, opened
from pages_server import served
from playwright.sync_api import Browser

from miriam_local.postgres import PrivatePostgres


@pytest.fixture(scope="session")
def pages(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Tests may add to the database (looks, sessions, requests), and change nothing that is there."""
    made = opened(postgres.new_database("miriam_reporting_browser"), tmp_path_factory.mktemp("keys"))
    yield made
    made.office.owner.close()
    made.office.app.close()


@pytest.fixture(scope="session")
def origin(pages: Pages) -> Iterator[str]:
    """Where the pages answer."""
    with served(pages.app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one file: while Playwright is there, an event loop runs in this thread, and no test of the same run
    could run one of its own.
    """
    with chromium() as found:
        yield found


@pytest.fixture
def window(browser: Browser, pages: Pages, origin: str) -> Iterator[NewWindow]:
    """`window("auditor", language="nl")`: a browser of that role. What went wrong in it fails the test at its end."""
    opened_here: list[Window] = []

    def new(role: str = "public", language: str = "en", cpas: str | None = None, **options: Any) -> Window:
        context = browser.new_context(
            locale=language, extra_http_headers={"Accept-Language": language}, accept_downloads=True, **options
        )
        made = Window(pages, origin, context)
        opened_here.append(made)
        if role != "public":
            made.sign_in(role, cpas)
        return made

    yield new
    problems = [problem for each in opened_here for problem in each.problems]
    for each in opened_here:
        each.context.close()
    assert problems == []
