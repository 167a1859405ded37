"""The report as it was known, and what changed since and why: the figures of then, not of now, and no event unnoted."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from pages_scenario import EDITION, Pages, Reader

from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.diff.compute import diff
from miriam_reporting.web.history import moments

HISTORY = f"/editions/{EDITION}/history"
DIFF = f"/editions/{EDITION}/diff"
PARTS = 3


def _told(reader: Reader, address: str) -> dict[str, Any]:
    joined = "&" if "?" in address else "?"
    found: dict[str, Any] = json.loads(reader.get(f"{address}{joined}format=json").data)
    return found


@pytest.fixture
def middle(pages: Pages) -> int:
    """A position in the middle of the history."""
    known = moments(pages.office.app, EDITION)
    return known[len(known) // 2].position


def test_the_figures_are_those_of_the_position(pages: Pages, middle: int) -> None:
    told = _told(pages.reader("auditor"), f"{HISTORY}?as_of={middle}")
    wanted = [each.value for each in compute(pages.office.app, EDITION, middle, ("total",)).figures]
    assert told["position"] == middle
    assert [row["value"] for row in told["tables"][0]["rows"]] == wanted
    now = [row["numerator"] for row in _told(pages.reader("auditor"), HISTORY)["tables"][0]["rows"]]
    assert wanted != now, "nothing changed since: the test shows nothing"


def test_every_moment_that_is_offered_can_be_looked_back_to(pages: Pages) -> None:
    reader = pages.reader("auditor")
    page = reader.get(HISTORY).get_data(as_text=True)
    offered = re.findall(r'<option value="([^"]+)"', page)
    assert len(offered) > 12
    # The list goes back from now; the first, the last, and some between.
    for as_of in (offered[0], *offered[1 :: len(offered) // PARTS], offered[-1]):
        assert reader.get(f"{HISTORY}?as_of={as_of}").status_code == 200, as_of


def test_a_cpas_sees_its_own_figures_of_then(pages: Pages, middle: int) -> None:
    told = _told(pages.reader("cpas"), f"{HISTORY}?as_of={middle}")
    found = compute(pages.office.app, EDITION, middle, ("cpas",)).figures
    wanted = [each.value for each in found if each.by["cpas"] == pages.cpas]
    assert [row["value"] for row in told["tables"][0]["rows"]] == wanted


def test_what_changed_is_what_the_diff_says_cause_by_cause(pages: Pages, middle: int) -> None:
    address = f"{DIFF}?from={middle}&to={_head(pages)}"
    tables = {table["code"]: table["rows"] for table in _told(pages.reader("authority"), address)["tables"]}
    found = diff(pages.office.app, EDITION, middle, _head(pages)).figures
    assert found, "nothing changed: the test shows nothing"
    assert [(row["code"], row["numerator"]) for row in tables["changes"]] == [
        (each.after.code, each.numerator) for each in found
    ]
    assert [row["units"] for row in tables["causes"]] == [part.units for each in found for part in each.causes.values()]


def test_the_counts_of_causes_name_no_event_and_no_unit(pages: Pages, middle: int) -> None:
    page = pages.reader("authority").get(f"{DIFF}?from={middle}&to={_head(pages)}").get_data(as_text=True)
    found = diff(pages.office.app, EDITION, middle, _head(pages)).figures
    units = {change.unit for each in found for change in each.changes if len(change.unit) > len("2023-r1")}
    assert units
    assert [unit for unit in units if unit in page] == []
    assert "/events/" not in page


def test_the_units_behind_a_change_are_a_look_that_is_noted(pages: Pages, middle: int) -> None:
    changed = next(
        each
        for each in diff(pages.office.app, EDITION, middle, _head(pages)).figures
        if each.after.code == "I08" and not each.after.part
    )
    address = f"{DIFF}/causes?from={middle}&to={_head(pages)}&code=I08"
    assert pages.reader("auditor").get(address).headers["Location"].startswith("/purpose?next=")
    page = pages.reader("auditor", purpose="a complaint about sessions").get(address).get_data(as_text=True)
    event = next(event for change in changed.changes for event in change.events)
    assert f"/events/{event.event_id}" in page
    with pages.office.owner, pages.office.owner.cursor() as cursor:
        cursor.execute("select view, rows from access.look where purpose = 'a complaint about sessions'")
        ((view, rows),) = cursor.fetchall()
    assert (view, rows) == ("diff_units", page.count("<tr>") - 1)


@pytest.mark.parametrize("asked", ["from=yesterday&to=100", "from=2&to=99999999", "from=2000-01-01&to=2000-01-02"])
def test_what_cannot_be_compared_is_told_beside_the_form(pages: Pages, asked: str) -> None:
    answer = pages.reader("auditor").get(f"{DIFF}?{asked}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    first = asked.split("&")[0].partition("=")[2]
    assert f'value="{first}"' in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("yesterday", "Écrivez un jour comme 2024-06-30"),
        ("2999-01-01", "Le 1er janvier 2999 n’est pas encore passé."),
        ("99999999", "Les chiffres vont jusqu’à la position"),
        ("2000-01-01", "l’historique commence le"),
        ("0", f"Il n’y a pas d’édition {EDITION} à ce moment-là."),
    ],
)
def test_a_moment_that_cannot_be_looked_back_to_is_told_in_words_above_those_that_can(
    pages: Pages, asked: str, told: str
) -> None:
    answer = pages.reader("auditor", language="fr").get(f"{HISTORY}?as_of={asked}")
    page = html.unescape(answer.get_data(as_text=True)).replace("'", "’")
    assert answer.status_code == 422
    alert = re.search(r'role="alert">(.*?)</p>', page)
    assert alert, "nothing is told"
    assert told in alert[1]
    assert '<option value="' in page
    assert "<h2>" not in page, "figures of some other moment are shown"


@pytest.mark.parametrize("page", ["", "/history", "/quality", "/goals", "/figures/I04/rule"])
def test_no_moment_is_now(pages: Pages, page: str) -> None:
    assert pages.reader("auditor").get(f"/editions/{EDITION}{page}?as_of=").status_code == 200


def test_the_pictures_of_then_are_of_its_position(pages: Pages, middle: int) -> None:
    reader = pages.reader("auditor")
    page = reader.get(f"{HISTORY}?as_of={middle}").get_data(as_text=True)
    sources = [html.unescape(each) for each in re.findall(r'<img src="([^"]+)"', page)]
    assert sources
    for source in sources:
        assert f"at={middle}" in source
        assert reader.get(source).content_type == "image/svg+xml"


def test_what_cannot_be_compared_is_told_in_the_readers_language(pages: Pages, middle: int) -> None:
    page = pages.reader("auditor", language="nl").get(f"{DIFF}?from={middle}&to=99999999").get_data(as_text=True)
    assert re.search(r'role="alert"[^>]*>De cijfers reiken tot positie [0-9.]+ van het register\.<', page)


def _head(pages: Pages) -> int:
    """What the facts have reached."""
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute("select position from facts.checkpoint")
        ((head,),) = cursor.fetchall()
    return int(head)


def test_a_long_list_of_changes_is_told_page_by_page(pages: Pages, middle: int) -> None:
    reader, address, seen = pages.reader("authority"), f"{DIFF}?from={middle}&to={_head(pages)}&by=cpas", []
    while True:
        page = reader.get(address).get_data(as_text=True)
        seen += re.findall(r"/diff/causes\?([^\"]+)", page)
        further = re.search(r'href="([^"]+)" rel="next"', page)
        if further is None:
            break
        address = html.unescape(further[1])
    found = diff(pages.office.app, EDITION, middle, _head(pages), ("total", "cpas")).figures
    assert len(found) > 50
    assert len(seen) == len(set(seen)) == len(found)
