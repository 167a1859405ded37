"""From a draft to what the public reads: coordinators sign their figures, the authority publishes before the press."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chromium import Window
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pages_life import opened_programme
from pages_scenario import Pages
from pages_server import served
from playwright.sync_api import Browser, Locator, expect
from programme import Programme

from miriam_local.databases import DatabaseAccess

REPORT = "2023-r1"


@dataclass
class House:
    """Everybody who has to do with the report, each with a browser of her own."""

    programme: Programme
    pages: Pages
    origin: str
    browser: Browser
    windows: list[Window]

    def window(self, role: str = "public", cpas: str | None = None) -> Window:
        made = Window(self.pages, self.origin, self.browser.new_context(locale="en", accept_downloads=True))
        self.windows.append(made)
        if role != "public":
            made.sign_in(role, cpas)
        return made


@pytest.fixture
def house(browser: Browser, new_database: Callable[..., DatabaseAccess], tmp_path: Path) -> Iterator[House]:
    programme, pages = opened_programme(new_database("reporting_publication"), tmp_path)
    programme.sign_head()
    with served(pages.app) as origin:
        made = House(programme, pages, origin, browser, [])
        yield made
        problems = [problem for window in made.windows for problem in window.problems]
        for window in made.windows:
            window.context.close()
    programme.close()
    assert problems == []


def link(window: Window, name: str) -> Locator:
    return window.page.get_by_role("link", name=name, exact=True).first


def press(window: Window, name: str) -> None:
    window.page.get_by_role("button", name=name, exact=True).click()


def key_file(house: House, cpas: str, folder: Path) -> Path:
    path = folder / f"{cpas}.signing.pem"
    path.write_bytes(house.programme.keys[cpas].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_drafted_signed_published_and_read_by_anybody(house: House, tmp_path: Path) -> None:
    authority = house.window("authority")
    page = authority.page
    link(authority, "2023").click()
    expect(page.get_by_role("listitem").filter(has_text="Women supported")).to_contain_text("3 women")
    with page.expect_download(timeout=120_000) as saving:
        link(authority, "PDF").click()
    assert saving.value.path().read_bytes().startswith(b"%PDF-")
    link(authority, "Region").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Region")
    link(authority, "Reports: sign and publish").click()
    page.get_by_label("Edition").select_option("2023")
    press(authority, "Draft")
    expect(page.get_by_text("0 of 2 CPAS have signed")).to_be_visible()

    for cpas in ("alpha", "beta"):
        coordinator = house.window("cpas", cpas)
        link(coordinator, "2023").click()
        women = "2 women" if cpas == "alpha" else "1 woman"
        expect(coordinator.page.get_by_role("listitem").filter(has_text="Women supported")).to_contain_text(women)
        link(coordinator, "Women supported").click()
        link(coordinator, "Show the events").click()
        coordinator.say_why("before I sign")
        rows = coordinator.page.get_by_role("region", name="The events behind it").get_by_role("row")
        expect(rows.filter(has_text=f"{cpas}:w")).not_to_have_count(0)
        link(coordinator, "Reports: sign and publish").click()
        link(coordinator, REPORT).click()
        link(coordinator, "Look at your figures and sign them").click()
        coordinator.page.get_by_label("The file of your private key").set_input_files(key_file(house, cpas, tmp_path))
        coordinator.page.get_by_text("The signature is made").wait_for()
        press(coordinator, "Sign these figures")
        expect(coordinator.page.get_by_text("You have signed your figures.")).to_be_visible()

    authority.open(f"/reports/{REPORT}")
    expect(page.get_by_text("2 of 2 CPAS have signed")).to_be_visible()
    house.programme.sign_head()
    link(authority, "See what becomes public, and publish").click()
    expect(page.get_by_text("Every CPAS has signed its figures.")).to_be_visible()
    page.screenshot(path=tmp_path / "before-publication.png")
    press(authority, "Publish for good")
    expect(page.get_by_text("Edition 2023: published.")).to_be_visible()

    anybody = house.window()
    anybody.open("/")
    link(anybody, REPORT).click()
    supported = anybody.page.get_by_role("listitem").filter(has_text="Women supported")
    # Three women: each of them could be told by who knows the others.
    expect(supported).to_contain_text("withheld")
    expect(anybody.page.get_by_text("not signed")).to_have_count(0)
    anybody.page.screenshot(path=tmp_path / "published.png")
