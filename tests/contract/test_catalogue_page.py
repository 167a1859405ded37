"""The readable page is whole, complete in itself, and readable by everybody (WCAG 2.1 AA, as far as tests tell)."""

import html
import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from jsonschema import Draft202012Validator

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents import events
from miriam_contracts.documents.files import files
from miriam_contracts.examples import examples
from miriam_contracts.problems import rules

MADE = files()
TEXT = MADE["catalogue.html"].decode()
WITHOUT_END = {"meta", "wbr"}


class Page(HTMLParser):
    """Reads the page, and minds that every element is ended where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(TEXT)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


PAGE = Page()
SAID = "".join(PAGE.words)


def test_every_element_is_ended() -> None:
    assert PAGE.open == []


def test_nothing_is_fetched_from_elsewhere_and_no_script_runs() -> None:
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in PAGE.tags}
    assert "url(" not in TEXT
    assert "@import" not in TEXT
    assert all(not re.match(r"[a-z]+:|//", attributes["href"]) for attributes in PAGE.all("a"))


def test_every_link_leads_somewhere() -> None:
    ids = Counter(attributes["id"] for _, attributes in PAGE.tags if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    for attributes in PAGE.all("a"):
        place, _, name = attributes["href"].partition("#")
        if name:
            assert name in ids
        elif place.endswith("/"):
            assert any(made.startswith(place) for made in MADE)
        else:
            assert place in MADE


def test_headings_say_the_language_and_go_down_step_by_step() -> None:
    assert PAGE.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in PAGE.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_every_header_says_what_it_heads() -> None:
    assert len(PAGE.all("caption")) == len(PAGE.all("table"))
    assert {attributes.get("scope") for attributes in PAGE.all("th")} == {"col", "row"}


def test_the_first_link_skips_to_the_content() -> None:
    assert PAGE.all("a")[0] == {"class": "skip", "href": "#content"}
    assert any(attributes.get("id") == "content" for attributes in PAGE.all("main"))


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_and_links_stand_out_from_what_is_behind_them(mode: int) -> None:
    colours = dict(re.findall(r"--(\w+): #(\w+)", re.findall(r":root \{[^}]*\}", TEXT)[mode]))
    for ink in ("ink", "link"):
        for paper in ("paper", "soft"):
            assert contrast(colours[ink], colours[paper]) >= 4.5
    assert contrast(colours["line"], colours["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    whole = "".join(letter * 2 for letter in colour) if len(colour) == 3 else colour
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_type_is_told_with_each_of_its_fields(name: str) -> None:
    begin = TEXT.index(f'<section aria-labelledby="{name}">')
    section = TEXT[begin : TEXT.index("</section>", begin)].replace("<wbr>", "")
    for payload in EVENT_TYPES[name].payloads.values():
        for field in payload.fields:
            assert f"<code>data.{field}</code>" in section


def test_every_rule_is_told_in_every_language() -> None:
    missing = [said for sentences in rules().values() for said in sentences.values() if said not in SAID]
    assert missing == []


def test_every_golden_emission_can_be_copied() -> None:
    missing = [
        each.path for each in examples("emitted") if json.dumps(each.event, indent=2, ensure_ascii=False) not in SAID
    ]
    assert missing == []


def test_the_first_event_of_the_page_keeps_its_schema() -> None:
    copied = [html.unescape(found) for found in re.findall(r"<code>(\{.*?\n\})</code></pre>", TEXT, re.DOTALL)]
    first = json.loads(copied[0])
    assert first["source"] == "/cpas/test-acme"
    Draft202012Validator(events.emitted(EVENT_TYPES[first["type"]])).validate(first)
