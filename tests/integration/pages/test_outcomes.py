"""What an edition achieved, as pages show it: the numbers are those of the figures, each reader sees its own, and each
picture shows what stands in the table beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from pages_scenario import EDITION, Pages, Reader

from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.web.languages import Format
from miriam_reporting.web.parts.outcomes import places_page

TOPICS = ("goals", "groups", "exits", "distance", "months")
PAGES = ("", *(f"/{topic}" for topic in TOPICS), *(f"/report/by/{level}" for level in LEVELS[1:]))
Row = Mapping[str, Any]


@pytest.fixture(scope="session")
def figures(pages: Pages) -> Sequence[Figure]:
    """Every figure at the head, computed in one session without pages."""
    return compute(pages.office.owner, EDITION, None, LEVELS).figures


def tables(reader: Reader, page: str, query: str = "") -> dict[str, list[Row]]:
    answer = reader.get(f"/editions/{EDITION}{page}?format=json&{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {table["code"]: table["rows"] for table in answer.get_json()["tables"]}


def find(figures: Sequence[Figure], code: str, part: str = "", **by: str) -> Figure:
    return next(each for each in figures if (each.code, each.part) == (code, part) and by.items() <= each.by.items()
                and each.level == next(iter(by), "total"))  # fmt: skip


def pictures(reader: Reader, page: str, query: str = "") -> list[str]:
    text = reader.get(f"/editions/{EDITION}{page}?{query}").get_data(as_text=True)
    return [html.unescape(source) for source in re.findall(r'<img src="([^"]+)"', text)]


def places(reader: Reader, query: str) -> list[tuple[str, str]]:
    """The places that a page shows, each with its code."""
    page = reader.get(f"/editions/{EDITION}/report/by/cpas?{query}").get_data(as_text=True)
    row = r'<th scope="row" class="text">(?:<a [^>]*>)?([^<]+)(?:</a>)?</th>\s*<td class="code"><code>([^<]+)</code>'
    return [(html.unescape(place), code) for place, code in re.findall(row, page)]


def texts(drawn: bytes) -> list[str]:
    root = ElementTree.fromstring(drawn)
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_goals_are_told_as_the_figures_have_them(pages: Pages, figures: Sequence[Figure]) -> None:
    found = tables(pages.reader("auditor"), "/goals")
    whole = find(figures, "I07")
    assert whole.denominator
    assert (found["goal_shares"][0]["numerator"], found["goal_shares"][0]["denominator"]) == (
        whole.numerator, whole.denominator,
    )  # fmt: skip
    assert sum(row["numerator"] for row in found["goals"]) == whole.numerator
    assert sum(row["rest"] for row in found["goals"]) == whole.denominator - (whole.numerator or 0)
    outcomes = {name: find(figures, "I07", f"outcome={name}").numerator for name in ("reached", "abandoned", "open")}
    assert {name: found["outcomes"][0][name] for name in outcomes} == outcomes


def test_the_flow_adds_up_from_enrolment_to_each_reason(pages: Pages, figures: Sequence[Figure]) -> None:
    rows = tables(pages.reader("auditor"), "/exits")["flow"]
    enrolled, *ways = [row for row in rows if row["reason"] is None]
    assert enrolled["count"] == find(figures, "I11").denominator
    assert sum(way["count"] for way in ways) == enrolled["count"]
    for way in ways[1:]:
        reasons = [row["count"] for row in rows if row["what"] == way["what"] and row["reason"] is not None]
        assert sum(reasons) == way["count"]
    assert ways[2]["count"] == find(figures, "I10").numerator


def test_the_distance_has_the_figures_own_interval_and_both_means(pages: Pages, figures: Sequence[Figure]) -> None:
    reader = pages.reader("auditor")
    rows = tables(reader, "/distance")["distance"]
    known = [each for each in figures if each.code == "I06" and each.level == "total"]
    assert len(rows) == len(known) == 9
    for row, figure in zip(rows, known, strict=True):
        assert figure.detail is not None
        told = (row["pairs"], row["start"], row["end"], row["change"], row["change_low"], row["change_high"])
        detail = [figure.detail[name] for name in ("mean_start", "mean_end")]
        ends = [figure.detail[name] for name in ("ci_low", "ci_high")]
        assert told == (figure.denominator, *detail, figure.value, *ends)
        if (figure.denominator or 0) > 1:
            assert float(row["start_low"]) <= float(row["start"]) <= float(row["start_high"])


def test_the_months_end_at_the_women_supported(pages: Pages, figures: Sequence[Figure]) -> None:
    reader = pages.reader("auditor")
    assert tables(reader, "/months")["women"][-1]["until"] == find(figures, "I01").value
    groups = tables(reader, "/groups")["groups"]
    mean = find(figures, "I09", "measure=mean_present")
    assert sum(row["sessions"] for row in groups) == mean.denominator
    assert sum(row["present"] for row in groups) == mean.numerator
    by_number = tables(reader, "/groups")["presence"]
    assert sum(row["sessions"] for row in by_number) == mean.denominator
    assert sum(int(row["women"]) * row["sessions"] for row in by_number) == mean.numerator


@pytest.mark.parametrize("level", LEVELS[1:])
def test_each_place_of_a_level_stands_with_its_shares(pages: Pages, figures: Sequence[Figure], level: str) -> None:
    found = tables(pages.reader("authority"), f"/report/by/{level}", "figure=I10")
    known = {each.by[level]: each for each in figures if each.level == level and (each.code, each.part) == ("I10", "")}
    assert {row["id"]: (row["numerator"], row["denominator"]) for row in found["places"]} == {
        value: (each.numerator, each.denominator) for value, each in known.items()
    }
    women = {each.by[level]: each.value for each in figures if each.level == level and each.code == "I01"}
    assert [row["women"] for row in found["overview"]] == [women[row["id"]] for row in found["places"]]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["auditor", "cpas"])
def test_each_picture_of_a_page_is_a_small_image_that_is_asked_for_once(pages: Pages, role: str, page: str) -> None:
    reader = pages.reader(role, language="nl")
    shown = pictures(reader, page, "figure=I10")
    assert shown or (page == "/report/by/region" and role == "cpas")
    for source in shown:
        answer = reader.get(source)
        assert (answer.status_code, answer.content_type) == (200, "image/svg+xml")
        assert ElementTree.fromstring(answer.data).tag == "{http://www.w3.org/2000/svg}svg"
        assert len(answer.data) < 40_000
        assert answer.headers["Cache-Control"] == "private, no-cache"
        again = reader.client.get(source, headers={"If-None-Match": answer.headers["ETag"], "Accept-Language": "nl"})
        assert (again.status_code, again.data) == (304, b"")


def test_a_picture_of_another_reader_or_language_is_another_image(pages: Pages) -> None:
    source = f"/editions/{EDITION}/pictures/exits.svg?at=500"
    tags = {
        pages.reader(role, language=language).get(source).headers["ETag"]
        for role, language in (("auditor", "fr"), ("auditor", "de"), ("cpas", "fr"))
    }
    assert len(tags) == 3


def test_a_picture_shows_what_the_table_beside_it_says(pages: Pages) -> None:
    reader = pages.reader("auditor", language="en")
    rows = tables(reader, "/report/by/cpas", "figure=I10")["places"]
    drawn = texts(reader.get(pictures(reader, "/report/by/cpas", "figure=I10")[0]).data)
    for row in rows:
        assert f"{Format('en').percent(Decimal(row['value']))}  ({row['numerator']} / {row['denominator']})" in drawn
    flow = tables(reader, "/exits")["flow"]
    drawn = texts(reader.get(pictures(reader, "/exits")[0]).data)
    for row in flow:
        if row["reason"] and row["count"]:
            assert f"{row['reason']}  {row['count']}" in drawn


def test_a_picture_stays_that_of_its_page_when_more_has_been_recorded(pages: Pages) -> None:
    reader = pages.reader("auditor", language="en")
    before = find(compute(pages.office.owner, EDITION, 600, LEVELS, ["I11"]).figures, "I11")
    now = find(compute(pages.office.owner, EDITION, None, LEVELS, ["I11"]).figures, "I11")
    assert before.denominator != now.denominator
    source = f"/editions/{EDITION}/pictures/exits.svg"
    assert str(before.denominator) in texts(reader.get(f"{source}?at=600").data)
    assert str(now.denominator) in texts(reader.get(pictures(reader, "/exits")[0]).data)


def test_a_page_of_an_earlier_position_shows_and_draws_what_was_known_then(pages: Pages) -> None:
    reader = pages.reader("auditor")
    then = compute(pages.office.owner, EDITION, 600, LEVELS, ["I01", "I11"]).figures
    assert tables(reader, "/exits", "as_of=600")["flow"][0]["count"] == find(then, "I11").denominator
    assert tables(reader, "/months", "as_of=600")["women"][-1]["until"] == find(then, "I01").value
    assert all("at=600" in source for source in pictures(reader, "", "as_of=600"))


def test_a_cpas_sees_its_own_numbers_and_may_choose_no_other_place(pages: Pages, figures: Sequence[Figure]) -> None:
    reader = pages.reader("cpas")
    others = sorted({each.by["cpas"] for each in figures if each.level == "cpas"} - {pages.cpas})
    regions = sorted({each.by["region"] for each in figures if each.level == "region"})
    assert others
    assert regions
    own = find(figures, "I11", cpas=pages.cpas)
    assert tables(reader, "/exits")["flow"][0]["count"] == own.denominator
    assert [row["id"] for row in tables(reader, "/report/by/cpas")["places"]] == [pages.cpas]
    for place in (f"cpas:{others[0]}", f"region:{regions[0]}", "project:no-such"):
        for page in ("", *(f"/{topic}" for topic in TOPICS), "/pictures/exits.svg", "/pictures/women.svg"):
            assert reader.get(f"/editions/{EDITION}{page}?place={place}").status_code == 404, (page, place)
    # The whole is no place of its own to choose: it is shown itself.
    assert tables(reader, "/exits", "place=")["flow"][0]["count"] == own.denominator
    assert tables(reader, "/report/by/region")["places"] == []


def test_the_form_of_a_page_offers_each_place_and_shows_the_one_chosen(pages: Pages, figures: Sequence[Figure]) -> None:
    reader = pages.reader("authority")
    page = reader.get(f"/editions/{EDITION}/goals?place=cpas:{pages.cpas}").get_data(as_text=True)
    supporting = [each for each in figures if each.code == "I01" and each.level in ("region", "cpas")]
    known = {f"{each.level}:{each.by[each.level]}" for each in supporting}
    assert set(re.findall(r'<option value="([^"]*)"', page)) == {"", *known}
    assert re.findall(r'<option value="([^"]*)" selected>', page) == [f"cpas:{pages.cpas}"]
    chosen = tables(reader, "/goals", f"place=cpas:{pages.cpas}")["goal_shares"][0]
    assert chosen["denominator"] == find(figures, "I07", cpas=pages.cpas).denominator


@pytest.mark.parametrize("page", ["", "/goals", "/exits", "/distance", "/report/by/cpas"])
def test_each_figure_leads_to_the_events_behind_it(pages: Pages, figures: Sequence[Figure], page: str) -> None:
    reader = pages.reader("auditor", purpose="a test follows a figure")
    text = reader.get(f"/editions/{EDITION}{page}?figure=I10&as_of=800").get_data(as_text=True)
    found = {html.unescape(href) for href in re.findall(r'href="(/editions/2023/figures/[^"]+)"', text)}
    assert found
    assert all("as_of=800" in each for each in found)
    assert reader.get(sorted(found)[-1]).status_code == 200


def test_a_page_without_numbers_has_no_picture(pages: Pages, figures: Sequence[Figure]) -> None:
    assert find(figures, "I04").denominator == 0
    reader = pages.reader("auditor")
    assert pictures(reader, "/report/by/cpas", "figure=I04") == []
    answer = reader.get(f"/editions/{EDITION}/pictures/places.svg?level=cpas&figure=I04")
    assert answer.status_code == 404
    assert "nothing to draw" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("/goals?place=anderlecht", "region:..., cpas:... or project:..."),
        ("/goals?place=cpas:nobody", "Nothing is counted for nobody."),
        ("/report/by/street", "region, cpas, project"),
        ("/report/by/cpas?figure=I99", "I04, I07"),
        ("/report/by/cpas?page=0", "from 1 to"),
        ("/report/by/cpas?page=two", "from 1 to"),
        ("/pictures/nothing.svg", "progress, change"),
        ("/pictures/places.svg?level=total", "region, cpas, project"),
    ],
)
def test_what_there_is_not_is_answered_by_what_there_is(pages: Pages, page: str, told: str) -> None:
    answer = pages.reader("auditor").get(f"/editions/{EDITION}{page}")
    assert answer.status_code == 404
    assert told in html.unescape(answer.get_data(as_text=True))


def test_many_places_are_told_a_page_at_a_time(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = pages.reader("auditor")
    every = [row["id"] for row in tables(reader, "/report/by/cpas", "figure=I10")["places"]]
    assert len(every) > 2
    monkeypatch.setattr(places_page, "AT_ONCE", 2)
    # An export has all of them all the same.
    assert [row["id"] for row in tables(reader, "/report/by/cpas", "figure=I10&page=2")["places"]] == every
    first, second = (places(reader, f"figure=I10&page={page}") for page in (1, 2))
    assert [code for _, code in (*first, *second)] == every[:4]
    shown = reader.get(f"/editions/{EDITION}/report/by/cpas?figure=I10&page=1").get_data(as_text=True)
    following = html.unescape(re.findall(r'href="([^"]+)" rel="next"', shown)[0])
    assert re.search(r"figure=I10.*page=2|page=2.*figure=I10", following)
    drawn = texts(reader.get(pictures(reader, "/report/by/cpas", "figure=I10&page=2")[0]).data)
    assert any(place in drawn for place, _ in second)
    assert not any(place in drawn for place, _ in first)
