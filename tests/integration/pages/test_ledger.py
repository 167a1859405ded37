"""The ledger's page, for anybody: what was signed, by whom, and what an auditor takes home."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pages_scenario import Pages

import miriam_verify
from miriam_transparency.keys import parse_public
from miriam_transparency.notes import Note


def newest(pages: Pages) -> int:
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute("select max(size) from ledger.checkpoint")
        ((size,),) = cursor.fetchall()
    return int(size)


def test_the_page_shows_each_signed_head_and_who_cosigned_it(pages: Pages) -> None:
    told = pages.reader().get("/ledger?format=json").get_json()
    heads = next(table for table in told["tables"] if table["code"] == "heads")["rows"]
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute("select size, encode(root, 'base64') from ledger.checkpoint order by size desc")
        assert [(each["size"], each["root"]) for each in heads] == cursor.fetchall()
    assert {each["cosigned_by"] for each in heads} == {pages.office.witness.verifier.name}


def test_the_page_says_that_the_newest_head_begins_with_the_first(pages: Pages) -> None:
    page = pages.reader().get("/ledger").get_data(as_text=True)
    assert "begins, leaf by leaf, with the ledger of" in page
    assert "does NOT begin" not in page


def test_a_head_is_the_note_that_was_signed(pages: Pages) -> None:
    note = Note.parse(pages.reader().get(f"/ledger/heads/{newest(pages)}").get_data(as_text=True))
    keys = parse_public(pages.reader().get("/ledger/keys").get_data(as_text=True))
    assert {each.key.name for each in note.verified_by(keys)} == {
        pages.office.log.verifier.name,
        pages.office.witness.verifier.name,
    }
    assert pages.reader().get(f"/ledger/heads/{newest(pages) - 1}").status_code == 404


def test_the_verifier_is_handed_out_as_it_is_with_its_hash(pages: Pages) -> None:
    reader = pages.reader()
    given = reader.get("/ledger/miriam_verify.py")
    assert given.get_data() == Path(miriam_verify.__file__).read_bytes()
    assert hashlib.sha256(given.get_data()).hexdigest() in reader.get("/ledger").get_data(as_text=True)


def test_the_list_of_heads_goes_on_from_any_size(pages: Pages) -> None:
    page = pages.reader().get(f"/ledger?before={newest(pages)}").get_data(as_text=True)
    heads = [int(size) for size in re.findall(r'<th scope="row"[^>]*><a href="/ledger/heads/(\d+)"', page)]
    assert heads
    assert all(size < newest(pages) for size in heads)
    assert pages.reader().get("/ledger?before=nonsense").status_code == 200
