"""What somebody tries who means harm: to see what is another's, to look unseen, to be led astray, to break a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pages_addresses import ROUTES, address, values_of
from pages_scenario import EDITION, Pages, Reader, make_link

from miriam_reporting.web.addresses import own

NATIONAL_NUMBER = "85.07.30-033.28"
HUGE = "9" * 5000
TOO_LARGE = "9" * 30


def asked(pages: Pages, query: str, *values: object) -> list[Any]:
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def of_cpas(pages: Pages, cpas: str) -> Reader:
    reader = Reader(pages.app.test_client())
    reader.sign_in(make_link(pages.office.owner, "cpas", cpas))
    reader.say_why()
    return reader


def rows_of(reader: Reader, code: str, part: str) -> list[dict[str, Any]]:
    answer = reader.get(f"/editions/{EDITION}/figures/{code}?part={part}&format=json")
    tables = answer.get_json()["tables"] if answer.status_code == 200 else []
    return [row for table in tables if table["code"] == "evidence" for row in table["rows"]]


@pytest.mark.parametrize(
    ("code", "part"),
    [("I06", "domain=physical_health"), ("I04", ""), ("D05", ""), ("I16", "employment=employed"), ("I08", "")],
)
def test_of_a_woman_who_moved_a_cpas_is_not_told_what_another_cpas_noted(pages: Pages, code: str, part: str) -> None:
    """Her score at the start may stand in another CPAS: it counts, and what it was, when and of whom is not told."""
    for (cpas,) in asked(pages, "select distinct cpas from facts.participation where cpas is not null order by 1"):
        for row in rows_of(of_cpas(pages, cpas), code, part):
            told = row.get("participation")
            if told and not told.startswith(f"{cpas}:"):
                found = asked(pages, "select data ->> 'origin' from ledger.leaf where position = %s", row["position"])
                assert found == [(f"/cpas/{cpas}",)], row


def test_such_rows_are_there_and_count(pages: Pages) -> None:
    hidden = 0
    for (cpas,) in asked(pages, "select distinct cpas from facts.participation where cpas is not null order by 1"):
        reader = of_cpas(pages, cpas)
        page = reader.get(f"/editions/{EDITION}/figures/I06/rule").get_data(as_text=True)
        for part in dict.fromkeys(re.findall(r"part=(domain%3D\w+)", page)):
            hidden += sum(row.get("position") is None and bool(row["event"]) for row in rows_of(reader, "I06", part))
    assert hidden > 0


def test_every_link_of_a_cpas_to_what_is_behind_a_figure_or_course_opens(pages: Pages) -> None:
    reader = pages.reader("cpas", purpose="our own")
    participations = asked(
        pages, "select participation from facts.participation where cpas = %s order by 1", pages.cpas
    )
    addresses = [f"/participations/{each}" for (each,) in participations if each.startswith(f"{pages.cpas}:")]
    addresses += [f"/editions/{EDITION}/figures/{code}" for code in ("I01", "I08", "I09", "D01", "D06")]
    links = {
        link
        for each in addresses
        for link in re.findall(r'href="(/(?:events|participations)/[^"?]+)"', reader.get(each).get_data(as_text=True))
    }
    assert links
    assert [link for link in sorted(links) if reader.get(link).status_code != 200] == []


def test_no_picture_shows_a_cpas_more_than_its_pages(pages: Pages) -> None:
    reader = pages.reader("cpas")
    assert reader.get(f"/editions/{EDITION}/pictures/group-regions.svg").status_code == 404
    assert pages.reader("auditor").get(f"/editions/{EDITION}/pictures/group-regions.svg").status_code == 200


@pytest.mark.parametrize("way", ["", "/proof", "/figures"])
def test_no_answer_tells_a_cpas_whether_another_has_an_event(pages: Pages, way: str) -> None:
    """Ids of events are made from the sender's own ids, so they can be guessed."""
    ((event,),) = asked(
        pages,
        "select event_id::text from ledger.leaf where data ->> 'origin' like '/cpas/%%'"
        " and data ->> 'origin' <> %s limit 1",
        f"/cpas/{pages.cpas}",
    )
    reader = pages.reader("cpas", purpose="our own")
    nothing = "00000000-0000-5000-8000-000000000000"
    there, not_there = (reader.get(f"/events/{each}{way}") for each in (event, nothing))
    assert (there.status_code, not_there.status_code) == (404, 404)
    # The token of the form that signs out holds the second at which it was made.
    pages_told = [
        re.sub(r'name="csrf_token" value="[^"]+"', "", each.get_data(as_text=True)) for each in (there, not_there)
    ]
    assert pages_told[0].replace(event, nothing) == pages_told[1]


def test_the_log_tells_which_page_of_a_list_was_looked_at(pages: Pages) -> None:
    reader = pages.reader("auditor", purpose="a sample")
    assert reader.get(f"/editions/{EDITION}/figures/I08?page=2&command=report").status_code == 200
    ((what,),) = asked(pages, "select what from access.look order by id desc limit 1")
    assert what == {"page": "evidence.figure", "?page": "2", "?command": "report", "edition": EDITION, "code": "I08"}


def test_an_address_that_names_a_person_is_not_written_down(pages: Pages) -> None:
    reader = pages.reader("cpas", purpose="our own")
    before = asked(pages, "select max(id) from access.look")
    answer = reader.get(f"/arrivals/events?id={NATIONAL_NUMBER}")
    assert answer.status_code == 400
    assert "national number" in answer.get_data(as_text=True)
    assert asked(pages, "select max(id) from access.look") == before


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("public", f"/ledger/heads/{TOO_LARGE}"),
        ("public", "/published/2023-r1/by/cpas?page=" + HUGE),
        ("public", "/published/a%00b"),
        ("cpas", f"/editions/{EDITION}/goals?place=%00"),
        ("cpas", f"/editions/{EDITION}/pictures/goals.svg?at=" + HUGE),
        ("auditor", f"/access-log?before={TOO_LARGE}"),
        ("auditor", "/access-log?actor=a%00b"),
        ("auditor", f"/privacy/erasures?before={TOO_LARGE}"),
        ("auditor", f"/editions/{EDITION}/figures/I01?nothing=%00"),
    ],
)
def test_what_no_number_or_text_can_be_breaks_no_page(pages: Pages, role: str, where: str) -> None:
    answer = pages.reader(role, purpose=None if role == "public" else "a test").get(where)
    assert answer.status_code < 500


def test_a_form_with_a_character_that_no_text_has_is_told_so(pages: Pages) -> None:
    reader = pages.reader("auditor")
    reader.get("/purpose")
    answer = reader.post("/purpose", purpose="a\x00b", next="/")
    assert answer.status_code == 400
    assert "character" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ["_scheme=javascript&_external=1", "_external=1", "_anchor=x", "_method=POST", "endpoint=life.draft"]
)
def test_no_argument_changes_how_addresses_are_made(pages: Pages, query: str) -> None:
    answer = pages.reader().get(f"/published?{query}")
    assert answer.status_code == 200
    links = re.findall(r'href="([^"]*)"', answer.get_data(as_text=True))
    assert links
    assert [link for link in links if not link.startswith(("/", "#"))] == []
    assert [link for link in links if "_scheme" in link or "_external" in link] == []


def test_links_of_a_page_stay_with_the_edition_of_its_address(pages: Pages) -> None:
    page = pages.reader("auditor").get(f"/editions/{EDITION}?edition=1999").get_data(as_text=True)
    assert "/editions/1999" not in page


@pytest.mark.parametrize("elsewhere", ["/\t\\evil.example/", "/a\r\nLocation: //evil.example", "/\x7f/evil.example"])
def test_an_address_that_browsers_read_otherwise_is_no_address(elsewhere: str) -> None:
    assert own(elsewhere) == "/"


@pytest.mark.parametrize("role", ["public", "auditor"])
def test_no_error_is_kept_by_a_browser(pages: Pages, role: str) -> None:
    reader = pages.reader(role)
    for where in ("/nowhere", "/services", f"/published/{EDITION}-r9", "/sign-in/with"):
        assert reader.get(where).headers["Cache-Control"] == "no-store", where


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_each_way_to_ask_for_a_woman_is_noted(pages: Pages, method: str) -> None:
    """HEAD too: the size of an answer tells something of it."""
    values = values_of(pages)
    for route in (route for route in ROUTES.values() if route.look and "cpas" in route.roles):
        reader = pages.reader("cpas", purpose="our own")
        ((before,),) = asked(pages, "select count(*) from access.look")
        answer = reader.client.open(address(route, values), method=method)
        assert answer.status_code == 200, route.rule
        assert asked(pages, "select count(*) from access.look") == [(before + 1,)], route.rule
        assert answer.headers["Cache-Control"] == "no-store", route.rule


def test_no_cookie_goes_with_an_answer_that_others_may_be_given(pages: Pages) -> None:
    reader = pages.reader("auditor")
    plain = reader.get("/documents/asyncapi.json")
    assert ("Set-Cookie" in plain.headers, plain.headers["Cache-Control"]) == (False, "public, max-age=300")
    chosen = reader.get("/documents/asyncapi.json?lang=nl")
    assert ("Set-Cookie" in chosen.headers, chosen.headers["Cache-Control"]) == (True, "no-store")
