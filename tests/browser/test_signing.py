"""A CPAS signs its figures in the browser: the key is read there, and the signature alone leaves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import Window
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pages_life import opened_programme
from pages_server import served
from playwright.sync_api import Browser, Request
from programme import Programme

from miriam_local.databases import DatabaseAccess
from miriam_reporting.reports.life import telling

REPORT = "2023-r1"


def _pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def alpha(
    browser: Browser, new_database: Callable[..., DatabaseAccess], tmp_path: Path
) -> Iterator[tuple[Window, Programme]]:
    """The browser of `alpha`, before its figures in a draft."""
    programme, pages = opened_programme(new_database("reporting_signing"), tmp_path)
    programme.draft()
    with served(pages.app) as origin:
        window = Window(pages, origin, browser.new_context(locale="en"))
        window.sign_in("cpas")
        window.open(f"/reports/{REPORT}/sign")
        yield window, programme
        window.context.close()
    programme.close()
    assert window.problems == []


def _unsigned(programme: Programme) -> list[str]:
    with programme.app:
        found: list[str] = telling.one(programme.app, REPORT)["unsigned"]
    return found


def test_the_key_signs_in_the_browser_and_does_not_leave_it(alpha: tuple[Window, Programme], tmp_path: Path) -> None:
    window, programme = alpha
    sent: list[Request] = []
    window.page.on("request", lambda request: sent.append(request))
    pem = _pem(programme.keys["alpha"])
    # Lines before the key are skipped, as `miriam sign` skips them.
    (tmp_path / "alpha.signing.pem").write_text(f"# of alpha\n{pem}", "utf-8")
    window.page.get_by_label("The file of your private key").set_input_files(tmp_path / "alpha.signing.pem")
    window.page.get_by_text("The signature is made").wait_for()
    window.page.get_by_role("button", name="Sign these figures").click()
    window.page.get_by_text("You have signed your figures.").wait_for()
    assert _unsigned(programme) == ["beta"]
    bodies = "".join(each.post_data or "" for each in sent)
    assert "signature=" in bodies
    secret = "".join(pem.splitlines()[1:-1])
    assert secret[-20:] not in bodies.replace("%2B", "+").replace("%2F", "/")
    assert "alpha.signing.pem" not in bodies


def test_a_key_that_is_not_the_registered_one_is_told_before_anything_is_sent(
    alpha: tuple[Window, Programme], tmp_path: Path
) -> None:
    window, programme = alpha
    (tmp_path / "other.pem").write_text(_pem(programme.keys["beta"]), "utf-8")
    window.page.get_by_label("The file of your private key").set_input_files(tmp_path / "other.pem")
    window.page.get_by_text("This is not the key that is registered for you.").wait_for()
    assert window.page.get_by_label("Signature", exact=True).input_value() == ""


def test_a_file_that_holds_no_key_is_told(alpha: tuple[Window, Programme], tmp_path: Path) -> None:
    window, _ = alpha
    (tmp_path / "letter.txt").write_text("Dear colleague,", "utf-8")
    window.page.get_by_label("The file of your private key").set_input_files(tmp_path / "letter.txt")
    window.page.get_by_text("This file holds no Ed25519 private key").wait_for()
