"""Four languages: nothing is left untranslated, and each page is written in the language that was chosen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from pages_scenario import EDITION, Pages

from miriam_reporting.web.languages import __main__ as checking
from miriam_reporting.web.languages import catalogues


def test_no_text_is_left_untranslated() -> None:
    assert checking.missing() == []


def test_a_text_that_two_parts_translate_in_two_ways_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(folder: Path, language: str) -> Catalog:
        found = catalogues.read(folder, language)
        if (folder.name, language) == ("outcomes", "nl"):
            for message in found:
                message.string = "iets anders" if message.id == shared else message.string
        return found

    own, other = (
        {message.id for message in catalogues.read(catalogues.WEB / "parts" / part, "nl")}
        for part in ("outcomes", "life")
    )
    shared = sorted(each for each in own & other if each and isinstance(each, str))[0]
    monkeypatch.setattr(checking, "read", read)
    assert [each for each in checking.missing() if repr(shared) in each and "'iets anders'" in each]


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "Éditions"), ("nl", "Edities"), ("de", "Auflagen"), ("en", "Editions")]
)
def test_a_page_is_in_the_language_of_the_browser(pages: Pages, language: str, word: str) -> None:
    page = pages.reader("auditor", language=language).get("/editions").get_data(as_text=True)
    assert f'<html lang="{language}">' in page
    assert re.findall(r"<h1>\s*(.+?)\s*</h1>", page) == [word]


def test_the_language_that_was_chosen_stays(pages: Pages) -> None:
    reader = pages.reader("auditor", language="en")
    reader.get("/editions?lang=nl")
    assert '<html lang="nl">' in reader.get(f"/editions/{EDITION}").get_data(as_text=True)
