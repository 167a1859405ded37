"""Whether what a CPAS sent has arrived: what is recorded, refused and late is told to it, and to nobody else's CPAS."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import psycopg2
import pytest
from attacker import renamed
from pages_scenario import EDITION, Pages, Reader, make_link, settings_of
from small_platform import TOKEN, SmallPlatform, small_platform

from miriam_contracts.examples import emitted
from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_platform.deliveries import Delivery
from miriam_reporting.reports.explain import explain
from miriam_reporting.web.app import create_app

WHY = "a test looks at it"


def _table(reader: Reader, address: str, code: str) -> list[dict[str, Any]]:
    joined = "&" if "?" in address else "?"
    told = json.loads(reader.get(f"{address}{joined}format=json").data)
    return next(table["rows"] for table in told["tables"] if table["code"] == code)


def _one(pages: Pages, query: str, *values: object) -> Any:
    with pages.office.owner, pages.office.owner.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()


def test_a_cpas_sees_how_much_of_its_own_was_recorded_by_day(pages: Pages) -> None:
    rows = _table(pages.reader("cpas"), "/arrivals", "arrived")
    days = {row["day"] for row in rows}
    counted = _one(
        pages,
        "select count(*) from ledger.leaf where data ->> 'origin' = %s"
        " and ((data ->> 'recordedtime')::timestamptz at time zone 'Europe/Brussels')::date::text = any (%s)",
        f"/cpas/{pages.cpas}",
        [*days],
    )
    assert sum(row["count"] for row in rows) == counted[0] > 0


def test_no_cpas_sees_what_another_sent(pages: Pages) -> None:
    other = _one(
        pages,
        "select data ->> 'origin', data ->> 'originid' from ledger.leaf"
        " where data ->> 'origin' like '/cpas/%%' and data ->> 'origin' <> %s limit 1",
        f"/cpas/{pages.cpas}",
    )
    reader = pages.reader("cpas", purpose=WHY)
    name = other[0].removeprefix("/cpas/")
    for code in ("arrived", "refused", "late"):
        assert _table(reader, f"/arrivals?cpas={name}", code) == _table(reader, "/arrivals", code)
    for row in _table(reader, f"/arrivals/events?cpas={name}", "events"):
        found = _one(pages, "select 1 from ledger.leaf where data ->> 'origin' = %s and data ->> 'originid' = %s",
                     f"/cpas/{pages.cpas}", row["sent_as"])  # fmt: skip
        assert found


def test_an_event_is_found_by_the_id_that_its_sender_gave_it(pages: Pages) -> None:
    sent_as, event_id = _one(
        pages,
        "select data ->> 'originid', event_id::text from ledger.leaf where data ->> 'origin' = %s"
        " order by position limit 1",
        f"/cpas/{pages.cpas}",
    )
    reader = pages.reader("cpas", purpose=WHY)
    page = reader.get(f"/arrivals/events?id={sent_as}").get_data(as_text=True)
    assert f"/events/{event_id}" in page
    nothing = reader.get("/arrivals/events?id=never-sent").get_data(as_text=True)
    assert "No event with this id was recorded." in nothing


def test_all_events_are_reached_page_by_page_each_once(pages: Pages) -> None:
    reader, seen, address = pages.reader("cpas", purpose=WHY), [], "/arrivals/events"
    while True:
        page = reader.get(address).get_data(as_text=True)
        seen += re.findall(r'<th scope="row" class="id">.*?<code>([^<]+)</code>', page, re.DOTALL)
        further = re.search(r'href="([^"]+)" rel="next"', page)
        if further is None:
            break
        address = further[1]
    (count,) = _one(pages, "select count(*) from ledger.leaf where data ->> 'origin' = %s", f"/cpas/{pages.cpas}")
    assert len(seen) == count
    # An export has all of them, wherever it was asked for.
    assert [row["sent_as"] for row in _table(reader, address, "events")] == seen


def test_late_facts_are_those_that_the_figure_counts(pages: Pages) -> None:
    whole = explain(pages.office.app, EDITION, "D03", "", "cpas", pages.cpas)
    late = sorted(row.position for row in whole.evidence if row.counted == "numerator")
    assert late, "nothing is late in this history: the test shows nothing"
    reader = pages.reader("cpas", purpose=WHY)
    counts = _table(reader, f"/arrivals?edition={EDITION}", "late")
    assert counts[0]["late"] == len(late)
    rows = _table(reader, f"/arrivals/late?edition={EDITION}", "late")
    assert len(rows) == len(late)
    (days,) = _one(pages, "select late_after_days from facts.edition where edition = %s limit 1", EDITION)
    assert all(row["days"] > days for row in rows)


def test_what_was_refused_is_told_by_rule_in_words(pages: Pages) -> None:
    row = _one(
        pages,
        "select cpas, sum(refused) from facts.refusal_tally where until_position = 9223372036854775807"
        " and not retracted and cpas <> 'unknown' group by cpas limit 1",
    )
    assert row, "nothing is refused in this history: the test shows nothing"
    rows = _table(pages.reader("auditor"), f"/arrivals?cpas={row[0]}", "refused")
    assert sum(each["count"] for each in rows) == row[1]


@pytest.fixture
def platform(
    tmp_path: Path, new_database: Callable[..., DatabaseAccess], postgres: PrivatePostgres
) -> Iterator[SmallPlatform]:
    """Services that answer over HTTP; `anderlecht` and `schaerbeek` were refused a goal each."""
    with small_platform(tmp_path, new_database, postgres.url) as made:
        for number, emitter in enumerate(made.emitters):
            made.emit("sessions", emitter, 2)
            event = renamed(emitted("goal.set"), emitter, number=number)
            event["data"]["domain"] = "astrology"
            event["id"] = f"odd-{emitter}"
            delivery = Delivery(orjson.dumps(event), made.emitters[emitter].user, f"{emitter}.goal.set")
            [result] = made.services["sessions"].recorder.record([delivery])
            assert result.outcome == "refused"
        made.take()
        yield made


def _reader(platform: SmallPlatform, **changed: Any) -> Reader:
    settings = settings_of(platform.reporting, platform.log_keys.folder)
    told = dataclasses.replace(settings, **{"owners": platform.owner_urls(), "token": TOKEN, **changed})
    reader = Reader(create_app(told).test_client())
    with closing(psycopg2.connect(platform.reporting.owner_url)) as owner:
        reader.sign_in(make_link(owner, "cpas", "anderlecht"))
    reader.say_why()
    return reader


def test_a_cpas_sees_which_of_its_events_a_service_refused_and_why(platform: SmallPlatform) -> None:
    page = _reader(platform).get("/arrivals/refused").get_data(as_text=True)
    assert "odd-anderlecht" in page
    assert "odd-schaerbeek" not in page
    assert "data/domain" in page
    assert "astrology" not in page
    assert "Not every service answered" not in page


def test_a_service_that_does_not_answer_is_named_so_that_nobody_believes_that_nothing_was_refused(
    platform: SmallPlatform,
) -> None:
    away = {**platform.owner_urls(), "groups": "http://127.0.0.1:9"}
    page = _reader(platform, owners=away).get("/arrivals/refused").get_data(as_text=True)
    assert "Not every service answered, so that refusals may be missing here: groups." in page
    assert "odd-anderlecht" in page
