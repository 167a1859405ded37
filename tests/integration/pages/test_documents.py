"""The documents for makers: each is served as it is generated, with a type that programs know, and without script."""

from __future__ import annotations

import gzip
import re

import pytest
from pages_scenario import Pages

from miriam_contracts.documents.files import FOLDER, kept


def test_each_document_is_served_as_it_is_kept(pages: Pages) -> None:
    reader = pages.reader()
    differing = [
        place for place, content in kept(FOLDER).items() if reader.get(f"/documents/{place}").get_data() != content
    ]
    assert differing == []


def test_the_page_leads_to_each_document(pages: Pages) -> None:
    page = pages.reader().get("/documents").get_data(as_text=True)
    assert set(re.findall(r'href="/documents/([^"?]+)"', page)) == set(kept(FOLDER))


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("catalogue.html", "text/html"),
        ("asyncapi.json", "application/vnd.aai.asyncapi+json"),
        ("openapi/door.json", "application/vnd.oai.openapi+json"),
        ("schemas/miriam.session.held.v1.json", "application/schema+json"),
        ("vectors.json", "application/json"),
    ],
)
def test_a_document_says_what_it_is(pages: Pages, place: str, kind: str) -> None:
    assert pages.reader().get(f"/documents/{place}").mimetype == kind


def test_the_page_for_makers_may_use_its_own_style_and_no_script(pages: Pages) -> None:
    policy = pages.reader().get("/documents/catalogue.html").headers["Content-Security-Policy"]
    assert re.search(r"style-src 'sha256-[A-Za-z0-9+/]{43}='(;|$)", policy)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_a_document_is_packed_and_is_not_sent_twice(pages: Pages) -> None:
    client = pages.app.test_client()
    packed = client.get("/documents/catalogue.html", headers={"Accept-Encoding": "gzip"})
    assert len(packed.get_data()) < 150_000
    assert gzip.decompress(packed.get_data()) == (FOLDER / "catalogue.html").read_bytes()
    again = client.get("/documents/catalogue.html", headers={"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize("place", ["nothing.json", "../catalogue.html", "schemas", "..%2f..%2fpyproject.toml"])
def test_there_is_nothing_beside_the_documents(pages: Pages, place: str) -> None:
    assert pages.reader().get(f"/documents/{place}").status_code == 404
