"""What holds for every picture: a strict page can show it, and the same numbers give the same image."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pictures import PICTURES, SAID

SVG = "{http://www.w3.org/2000/svg}"
every_kind = pytest.mark.parametrize("kind", sorted(PICTURES))


@every_kind
def test_a_picture_is_an_svg_image_under_40_kilobytes_without_style_script_or_anything_from_elsewhere(
    kind: str,
) -> None:
    drawn = PICTURES[kind]()
    root = ElementTree.fromstring(drawn)
    assert root.tag == f"{SVG}svg"
    assert len(drawn) < 40_000
    assert b"<!" not in drawn
    allowed = {"svg", "title", "desc", "g", "path", "text", "use", "defs", "clipPath", "rect", "pattern"}
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= allowed
    for each in root.iter():
        for name, value in each.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert name.rpartition("}")[2] != "href" or value.startswith("#")
            assert "url(" not in value or value.startswith("url(#")


def test_a_picture_stays_the_same_when_a_library_has_taken_the_empty_prefix_as_weasyprint_does() -> None:
    first = PICTURES["bars"]()
    ElementTree.register_namespace("", "https://example.org/taken")
    assert PICTURES["bars"]() == first
    assert first.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')


@every_kind
def test_each_reference_in_a_picture_leads_to_something_in_it(kind: str) -> None:
    root = ElementTree.fromstring(PICTURES[kind]())
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    used = set(re.findall(r"#([\w.-]+)[)]", ElementTree.tostring(root, "unicode")))
    assert len(ids) == len(set(ids))
    assert used <= set(ids)


@every_kind
def test_a_picture_says_its_title_and_description_to_those_who_cannot_see_it(kind: str) -> None:
    root = ElementTree.fromstring(PICTURES[kind]())
    assert root.get("role") == "img"
    named = {each.get("id"): each.text for each in root if each.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[name] for name in (root.get("aria-labelledby") or "").split()] == [SAID.title, SAID.description]


@every_kind
def test_a_picture_holds_no_date_and_drawn_again_at_once_by_several_it_has_the_same_bytes(kind: str) -> None:
    drawn = PICTURES[kind]()
    with ThreadPoolExecutor(4) as threads:
        again = [done.result() for done in [threads.submit(PICTURES[kind]) for _ in range(4)]]
    assert set(again) == {drawn}
    assert re.search(rb"20\d\d-\d\d-\d\d|metadata|Matplotlib", drawn) is None


def test_another_process_draws_the_same_bytes() -> None:
    told = "import sys; from pictures import of_flow; sys.stdout.buffer.write(of_flow())"
    parts = Path(__file__).parent / "parts"
    other = subprocess.run([sys.executable, "-c", told], cwd=parts, capture_output=True, check=True)
    assert other.stdout == PICTURES["flow"]()


@every_kind
def test_texts_stay_texts_of_the_readers_own_fonts_and_are_nowhere_smaller_than_twelve(kind: str) -> None:
    root = ElementTree.fromstring(PICTURES[kind]())
    texts = list(root.iter(f"{SVG}text"))
    assert len(texts) > 8
    assert min(float(each.get("font-size", "0")) for each in texts) >= 12
    assert root.get("font-family", "").startswith("system-ui")
    assert all(each.get("font-family") is None for each in texts)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("bars", ["Tous", "73.0 % (642 of 879)", "Share of women", "Ganshoren", "withheld", "–", "De $1 à $2"]),
        ("pairs", ["Start", "End", "Change", "bien-être mental", "Ganshoren", "withheld", "of 10", "points"]),
        ("stacks", ["reached", "abandoned", "open", "finances", "120", "abandoned, open  withheld"]),
        ("lines", ["Anderlecht", "Mechelen", "09/23", "women", "withheld"]),
        ("panels", ["Brussels", "Flanders", "Wallonia", "unknown", "women"]),
        ("flow", ["Enrolled", "1116", "completed  600", "family  withheld", "other  withheld"]),
    ],
)
def test_each_thing_in_a_picture_is_named_in_words(kind: str, texts: list[str]) -> None:
    root = ElementTree.fromstring(PICTURES[kind]())
    found = {"".join(each.itertext()) for each in root.iter(f"{SVG}text")}
    assert found.issuperset(texts)
