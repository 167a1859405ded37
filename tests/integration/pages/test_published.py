"""What anybody is shown of a publication: its figures as the public is given them, and nothing that is withheld."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from invent import REPORT
from pages_scenario import Pages, Reader

from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding.public import PublicReport, public_report, public_reports
from miriam_reporting.reports.words import word
from miriam_reporting.web.parts import published

WITHHELD = {"withheld": True}
Row = dict[str, Any]


@pytest.fixture(scope="session")
def publications(pages: Pages) -> Sequence[dict[str, Any]]:
    return public_reports(pages.office.app)


@pytest.fixture
def made_up(pages: Pages) -> Iterator[PublicReport]:
    """The newest publication with figures of a larger programme, some of them withheld, in place of its own."""
    found = public_report(pages.office.app, REPORT)
    changed = replace(found, figures=[_larger(each) for each in found.figures])
    published._known[pages.access.app_url, found.publication.event_id] = changed
    yield changed
    published._known.clear()


_REASONS = {"completed": 400, "employment": None, "training": None, "moved": 90, "health": 60, "family": 7}
_DOMAINS = {"housing": (80, 200), "finances": (50, 90), "health": None}


def _larger(figure: Figure) -> Figure:
    if figure.level != "total":
        return figure
    match figure.code, figure.part:
        case "I11", "":
            return _told(figure, 700, 1000)
        case "I10", "":
            return _told(figure, 200, 1000)
        case "I11", part if part.startswith("reason="):
            number = _REASONS.get(figure.by["reason"], 0)
            return _nothing(figure) if number is None else _told(figure, number, 700)
        case "I07", part if part.startswith("domain="):
            numbers = _DOMAINS.get(figure.by["domain"], (0, 0))
            return _nothing(figure) if numbers is None else _told(figure, *numbers)
    return figure


def _told(figure: Figure, numerator: int, denominator: int) -> Figure:
    value = f"{100 * numerator / denominator:.1f}" if denominator else None
    return replace(figure, numerator=numerator, denominator=denominator, value=value, withheld=False, excluded=None)


def _nothing(figure: Figure) -> Figure:
    return replace(figure, numerator=None, denominator=None, value=None, withheld=True, excluded=None)


def tables(reader: Reader, page: str) -> dict[str, list[Row]]:
    answer = reader.get(page)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {table["code"]: table["rows"] for table in answer.get_json()["tables"]}


def texts(reader: Reader, name: str, query: str = "") -> list[str]:
    drawn = reader.get(f"/published/{REPORT}/pictures/{name}.svg?{query}")
    assert drawn.status_code == 200
    root = ElementTree.fromstring(drawn.data)
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_anybody_finds_every_publication_the_newest_first(pages: Pages, publications: Sequence[dict[str, Any]]) -> None:
    assert len(publications) == 2
    reader = pages.reader()
    rows = tables(reader, "/published?format=json")["published"]
    assert [(row["report"], row["restated"], row["reason"]) for row in rows] == [
        (REPORT, True, "Late facts were counted."),
        (REPORT, False, None),
    ]
    page = reader.get("/published").get_data(as_text=True)
    links = [html.unescape(href) for href in re.findall(r'href="(/published/[^"]+)"', page)]
    assert links == [f"/published/{REPORT}?publication={each['event_id']}" for each in publications[::-1]]
    for link in links:
        assert reader.get(link).status_code == 200


def test_each_figure_is_told_as_the_public_is_given_it(pages: Pages, publications: Sequence[dict[str, Any]]) -> None:
    for told in publications:
        public = public_report(pages.office.app, REPORT, told["event_id"])
        known = [each for each in public.figures if each.level == "total"]
        rows = tables(pages.reader(), f"/published/{REPORT}?format=json&publication={told['event_id']}")["figures"]
        assert len(rows) == len(known)
        assert sum(figure.withheld for figure in known) > 20
        for row, figure in zip(rows, known, strict=True):
            assert row["code"] == figure.code
            if figure.withheld:
                assert (row["value"], row["numerator"], row["denominator"]) == (WITHHELD, WITHHELD, WITHHELD)
            else:
                assert (row["value"], row["denominator"]) == (figure.value, figure.denominator)
                assert row["excluded"] is None


def test_no_table_of_a_publication_tells_more_than_its_withheld_figures(pages: Pages) -> None:
    public = public_report(pages.office.app, REPORT)
    assert all(each.withheld for each in public.figures if each.code in ("I06", "I10", "I11") and each.level == "total")
    found = tables(pages.reader(), f"/published/{REPORT}?format=json")
    numbers = [
        cell
        for code in ("distance", "flow", "drop_out")
        for row in found[code]
        for key, cell in row.items()
        if key not in ("domain", "what", "reason")
    ]
    assert numbers
    assert [each for each in numbers if each != WITHHELD] == []


def test_what_is_withheld_is_a_mark_in_the_pictures_and_a_word_in_the_tables(
    pages: Pages, made_up: PublicReport
) -> None:
    reader = pages.reader(language="en")
    drawn = texts(reader, "goals")
    assert any("withheld" in each for each in drawn)
    assert {"80", "120", "50", "40"} <= set(drawn)
    page = reader.get(f"/published/{REPORT}").get_data(as_text=True)
    assert "Some figures are withheld" in page
    assert 'class="withheld"' in page


def test_a_flow_divides_only_where_the_rest_does_not_tell_what_is_withheld(pages: Pages, made_up: PublicReport) -> None:
    reader = pages.reader(language="en")
    drawn, moved = texts(reader, "exits"), word("en", "reason", "moved")
    # Two of those who came to the end are withheld, none of those who left before.
    assert {"completed  400", f"{moved}  90", "health  60", "family  7"} <= set(drawn)
    assert sum("withheld" in each for each in drawn) == 2
    one = [_told(each, 40, 700) if each.by.get("reason") == "training" and not each.by.get("region") else each
           for each in made_up.figures]  # fmt: skip
    published._known[pages.access.app_url, made_up.publication.event_id] = replace(made_up, figures=one)
    drawn = texts(reader, "exits")
    assert not any("completed" in each or "withheld" in each for each in drawn)
    assert f"{moved}  90" in drawn


@pytest.mark.parametrize("name", ["women", "groups", "group-regions", "distance"])
def test_pictures_of_numbers_that_are_not_published_are_not_drawn(pages: Pages, name: str) -> None:
    for role in ("public", "auditor"):
        answer = pages.reader(role).get(f"/published/{REPORT}/pictures/{name}.svg")
        assert answer.status_code == 404
        assert "more than is published" in answer.get_data(as_text=True)


def test_each_picture_of_a_publication_is_of_that_publication(
    pages: Pages, publications: Sequence[dict[str, Any]]
) -> None:
    reader = pages.reader()
    for told in publications:
        page = reader.get(f"/published/{REPORT}?publication={told['event_id']}").get_data(as_text=True)
        sources = [html.unescape(each) for each in re.findall(r'<img src="([^"]+)"', page)]
        assert sources
        for source in sources:
            assert f"publication={told['event_id']}" in source
            answer = reader.get(source)
            assert answer.content_type == "image/svg+xml"
            again = reader.client.get(
                source, headers={"If-None-Match": answer.headers["ETag"], "Accept-Language": "en"}
            )
            assert again.status_code == 304


def test_nothing_of_a_publication_leads_behind_its_figures(pages: Pages) -> None:
    for role in ("public", "auditor"):
        page = pages.reader(role).get(f"/published/{REPORT}").get_data(as_text=True)
        assert "/figures/" not in page
        assert "/events/" not in page


def test_everybody_sees_the_same_publication_a_cpas_too(pages: Pages) -> None:
    seen = {
        role: tables(pages.reader(role), f"/published/{REPORT}?format=json")["figures"]
        for role in ("public", "cpas", "authority")
    }
    assert seen["public"] == seen["cpas"] == seen["authority"]


@pytest.mark.parametrize("level", ["region", "cpas", "project"])
def test_the_places_of_a_publication_stand_beside_each_other(pages: Pages, level: str) -> None:
    public = public_report(pages.office.app, REPORT)
    known = {
        each.by[level]: each for each in public.figures if (each.code, each.part, each.level) == ("I10", "", level)
    }
    rows = tables(pages.reader(), f"/published/{REPORT}/by/{level}?figure=I10&format=json")["places"]
    assert {row["id"] for row in rows} == set(known)
    assert all(row["value"] == WITHHELD for row in rows if known[row["id"]].withheld)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("/published/no-such-report", "no-such-report was never published"),
        (f"/published/{REPORT}?publication=other", "was never published as other"),
        (f"/published/{REPORT}?place=cpas:nobody", "Nothing is counted for nobody."),
        (f"/published/{REPORT}/by/street", "region, cpas, project"),
    ],
)
def test_what_was_not_published_is_not_there(pages: Pages, page: str, told: str) -> None:
    answer = pages.reader().get(page)
    assert answer.status_code == 404
    assert told in html.unescape(answer.get_data(as_text=True))
