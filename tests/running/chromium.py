"""Chromium for tests: the one of this system, watched. What a page must not do, wherever it is opened, is noted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pages_scenario import Pages, make_link
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_NEXT = "`make test` installs it on Debian (package chromium); MIRIAM_CHROMIUM names another one"
# Nothing but this machine has a name; what asks for another fails, and is noted.
_ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# What Chromium says on its console of an answer of 400 and above; that is noted by its status.
_OF_AN_ANSWER = "Failed to load resource: the server responded"


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window. Raises NoBrowser, which says what to install."""
    named = os.environ.get("MIRIAM_CHROMIUM", "")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise NoBrowser(f"no Chromium ({named or ', '.join(_NAMES)}) is installed. Next: {_NEXT}")
    # Chromium's sandbox refuses root.
    options = [_ALONE, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@dataclass
class Window:
    """A reader's browser: its own cookies, one page, and all that went wrong in it.

    `allowed` are statuses that a test asks for; every other answer of 400 and above is a problem.
    """

    pages: Pages
    origin: str
    context: BrowserContext
    allowed: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.problems.append(f"{self.page.url}: {error.error}"))
        self.context.on("request", self._asked)
        self.context.on("requestfailed", self._failed)
        self.context.on("response", self._answered)

    def open(self, address: str) -> Response:
        """Go to an address of the pages."""
        found = self.page.goto(self.origin + address)
        assert found is not None
        return found

    def sign_in(self, role: str, cpas: str | None = None) -> None:
        """Follow a one-time link, and press its button."""
        named = (cpas or self.pages.cpas) if role == "cpas" else None
        self.open(f"/sign-in/{make_link(self.pages.office.owner, role, named)}")
        self.page.locator("main button").click()
        self.page.locator(".viewer").wait_for()

    def say_why(self, purpose: str = "a test looks at it") -> None:
        """Tell the purpose that is asked for."""
        self.page.get_by_role("textbox").fill(purpose)
        self.page.locator("main form button").click()
        self.page.wait_for_url(lambda url: "/purpose" not in url)

    def visit(self, address: str, purpose: str = "a test looks at it") -> None:
        """Go to an address, and say why where that is asked first."""
        self.open(address)
        if urlsplit(self.page.url).path == "/purpose" and not address.startswith("/purpose"):
            self.say_why(purpose)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert") and not message.text.startswith(_OF_AN_ANSWER):
            self.problems.append(f"{self.page.url}: console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.problems.append(f"{self.page.url}: asks for {request.url}")

    def _failed(self, request: Request) -> None:
        # What is aborted was a download, or belonged to a page that was left.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.problems.append(f"{response.url}: {response.status}")


# `window("auditor", language="nl")`, as the fixture of `tests/browser` opens it.
NewWindow = Callable[..., Window]
