"""The life of a report in the pages: drafted, signed, published, reopened, restated by people with a browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from pages_life import opened_programme
from pages_scenario import Reader, make_link
from programme import EDITION, PROJECTS, Programme
from werkzeug.test import TestResponse

from miriam_emitter.signing import keys as signing
from miriam_local.databases import DatabaseAccess
from miriam_reporting.reports.life import telling
from miriam_reporting.reports.withholding.public import public_report
from miriam_reporting.reports.words import word

REPORT = f"{EDITION}-r1"
REASON = "The press conference is tomorrow."


@dataclass(frozen=True)
class Browsers:
    """A programme, and its pages."""

    programme: Programme
    app: Flask

    def reader(self, role: str, cpas: str | None = None, language: str = "en") -> Reader:
        """Somebody of a role, who has the list of reports open."""
        reader = Reader(self.app.test_client(), language)
        reader.sign_in(make_link(self.programme.owner, role, cpas))
        assert reader.get("/reports").status_code == 200
        return reader

    def told(self) -> dict[str, Any]:
        """The report as its events tell it."""
        with self.programme.app:
            return telling.one(self.programme.app, REPORT)


@pytest.fixture
def browsers(new_database: Callable[..., DatabaseAccess], tmp_path: Path) -> Iterator[Browsers]:
    programme, pages = opened_programme(new_database("reporting_pages_life"), tmp_path)
    yield Browsers(programme, pages.app)
    programme.close()


def _signature(reader: Reader, programme: Programme, cpas: str) -> str:
    """The signature that a CPAS makes elsewhere, of the message that the page offers."""
    message = reader.get(f"/reports/{REPORT}/message").data
    heading, edition, name, digest, end = message.decode().split("\n")
    assert (heading, edition, name, end) == ("miriam report signature v1", EDITION, cpas, "")
    return signing.sign(programme.keys[cpas], edition, cpas, digest)


def _sign(browsers: Browsers, cpas: str) -> None:
    reader = browsers.reader("cpas", cpas)
    reader.get(f"/reports/{REPORT}/sign")
    signature = _signature(reader, browsers.programme, cpas)
    assert reader.post(f"/reports/{REPORT}/sign", signature=signature).status_code == 303


def _publish(reader: Reader, **form: str) -> TestResponse:
    page = reader.get(f"/reports/{REPORT}/publish").get_data(as_text=True)
    hidden = dict(re.findall(r'name="(position|digest)" value="([^"]+)"', page))
    return reader.post(f"/reports/{REPORT}/publish", **hidden, **form)


def _draft(reader: Reader) -> None:
    answer = reader.post("/reports", edition=EDITION)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/reports/{REPORT}")


def test_a_report_is_drafted_signed_and_published_by_people_with_a_browser(browsers: Browsers) -> None:
    authority = browsers.reader("authority")
    _draft(authority)
    for cpas in PROJECTS.values():
        _sign(browsers, cpas)
    browsers.programme.sign_head()
    assert "Every CPAS has signed its figures." in authority.get(f"/reports/{REPORT}/publish").get_data(as_text=True)
    assert _publish(authority).status_code == 303
    told = browsers.told()
    assert (told["status"], told["unsigned"]) == ("published", [])
    assert [each["actor"] for each in told["steps"]] == [
        "authority.spp", "cpas.alpha", "cpas.beta", "authority.spp",
    ]  # fmt: skip


def test_publishing_without_a_signature_needs_a_reason_which_stands_there_for_ever(browsers: Browsers) -> None:
    authority = browsers.reader("authority")
    _draft(authority)
    _sign(browsers, "alpha")
    browsers.programme.sign_head()
    page = authority.get(f"/reports/{REPORT}/publish").get_data(as_text=True)
    assert "1 signature is missing: beta." in page
    refused = _publish(authority, unsigned_reason=" ")
    assert refused.status_code == 422
    assert "say why it is published without them" in refused.get_data(as_text=True)
    assert browsers.told()["status"] == "drafted"
    assert _publish(authority, unsigned_reason=REASON).status_code == 303
    assert REASON in authority.get(f"/reports/{REPORT}").get_data(as_text=True)


def test_what_no_witness_cosigned_is_not_published_and_the_next_step_is_told(browsers: Browsers) -> None:
    authority = browsers.reader("authority")
    _draft(authority)
    browsers.programme.sign_head(cosigned=False)
    answer = _publish(authority, unsigned_reason=REASON)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "miriam audit witness" in page
    assert REASON in page, "what was written is lost"
    assert browsers.told()["status"] == "drafted"


def test_another_draft_than_the_one_looked_at_is_not_published(browsers: Browsers) -> None:
    authority, other = browsers.reader("authority"), browsers.reader("authority")
    _draft(authority)
    page = authority.get(f"/reports/{REPORT}/publish").get_data(as_text=True)
    hidden = dict(re.findall(r'name="(position|digest)" value="([^"]+)"', page))
    browsers.programme.support("beta:w4")
    browsers.programme.load()
    _draft(other)
    browsers.programme.sign_head()
    answer = authority.post(f"/reports/{REPORT}/publish", **hidden, unsigned_reason=REASON)
    assert answer.status_code == 422
    assert "does not agree with the draft that stands now" in answer.get_data(as_text=True)
    assert browsers.told()["status"] == "drafted"


def test_a_published_report_is_reopened_and_restated_with_reasons(browsers: Browsers) -> None:
    authority = browsers.reader("authority")
    _draft(authority)
    browsers.programme.sign_head()
    _publish(authority, unsigned_reason=REASON)
    authority.get(f"/reports/{REPORT}")
    assert authority.post(f"/reports/{REPORT}/reopen", reason="").status_code == 422
    assert authority.post(f"/reports/{REPORT}/reopen", reason="Late sessions came.").status_code == 303
    browsers.programme.support("beta:w4")
    browsers.programme.load()
    _draft(authority)
    browsers.programme.sign_head()
    assert _publish(authority, unsigned_reason=REASON, reason="").status_code == 422
    assert _publish(authority, unsigned_reason=REASON, reason="They count now.").status_code == 303
    page = authority.get(f"/reports/{REPORT}").get_data(as_text=True)
    assert "Late sessions came." in page
    assert "They count now." in page
    assert [each["restated"] for each in browsers.told()["publications"]] == [False, True]


def test_a_refusal_is_told_in_the_language_of_the_reader(browsers: Browsers) -> None:
    authority = browsers.reader("authority", language="nl")
    _draft(authority)
    answer = authority.post("/reports", edition=EDITION)
    assert answer.status_code == 422
    assert '<html lang="nl">' in answer.get_data(as_text=True)
    assert "Het ontwerp" in answer.get_data(as_text=True)


def test_a_day_that_has_not_been_is_told_beside_what_was_written(browsers: Browsers) -> None:
    answer = browsers.reader("authority").post("/reports", edition=EDITION, as_of="2999-01-01")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "1 January 2999 is still to come." in page
    assert 'value="2999-01-01"' in page


def test_a_signature_by_another_key_is_refused(browsers: Browsers) -> None:
    _draft(browsers.reader("authority"))
    reader = browsers.reader("cpas", "alpha")
    page = reader.get(f"/reports/{REPORT}/sign").get_data(as_text=True)
    digest = re.search(r"[0-9a-f]{64}", page)
    assert digest
    signature = signing.sign(browsers.programme.keys["beta"], EDITION, "alpha", digest[0])
    answer = reader.post(f"/reports/{REPORT}/sign", signature=signature)
    assert answer.status_code == 422
    assert "is not the signature of this key" in answer.get_data(as_text=True)
    assert browsers.told()["unsigned"] == ["alpha", "beta"]


def test_a_cpas_is_shown_its_own_figures_and_nobody_elses(browsers: Browsers) -> None:
    _draft(browsers.reader("authority"))
    _sign(browsers, "beta")
    reader = browsers.reader("cpas", "alpha")
    page = reader.get(f"/reports/{REPORT}/sign").get_data(as_text=True)
    assert "spp:p1" in page
    assert "spp:p2" not in page
    assert "beta" not in reader.get(f"/reports/{REPORT}").get_data(as_text=True)
    assert browsers.reader("cpas", "gamma").get(f"/reports/{REPORT}/sign").status_code == 404


def test_openssl_signs_the_message_as_the_page_tells(browsers: Browsers, tmp_path: Path) -> None:
    _draft(browsers.reader("authority"))
    reader = browsers.reader("cpas", "alpha")
    page = reader.get(f"/reports/{REPORT}/sign").get_data(as_text=True)
    command = re.search(r"(openssl [^<]+)</code>", page)
    assert command
    pem = browsers.programme.keys["alpha"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "alpha.signing.pem").write_bytes(pem)
    (tmp_path / f"{REPORT}-alpha.message").write_bytes(reader.get(f"/reports/{REPORT}/message").data)
    done = subprocess.run(["/bin/sh", "-c", command[1]], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert reader.post(f"/reports/{REPORT}/sign", signature=done.stdout).status_code == 303
    assert browsers.told()["unsigned"] == ["beta"]


def test_the_ledger_names_the_office_and_the_access_log_the_account(browsers: Browsers) -> None:
    _draft(browsers.reader("authority"))
    with browsers.programme.owner, browsers.programme.owner.cursor() as cursor:
        cursor.execute("select actor, purpose from access.look where what ->> 'page' = 'life.draft'")
        assert cursor.fetchall() == [("authority.tester", "life.draft as authority.spp")]
    assert "tester" not in str(browsers.told())


def test_what_the_preview_withholds_is_what_the_public_is_not_given(browsers: Browsers) -> None:
    authority = browsers.reader("authority")
    _draft(authority)
    told = json.loads(authority.get(f"/reports/{REPORT}/preview?format=json").data)
    foreseen = {row["level"]: row["withheld"] for row in told["tables"][0]["rows"]}
    browsers.programme.sign_head()
    assert _publish(authority, unsigned_reason=REASON).status_code == 303
    public = public_report(browsers.programme.app, REPORT)
    given = Counter(word("en", "level", each.level) for each in public.figures if each.withheld)
    assert given["Programme"] + given["CPAS"] > 0, "nothing is withheld of so few: the test shows nothing"
    assert {level: count for level, count in foreseen.items() if count} == dict(given)
