"""Evidence of editions that stay laid out is that of one laid out for the question, after every batch of histories."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from histories import histories, seeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase
from test_kept_figures_agree import EDITIONS, begin, step
from test_two_implementations_agree import UNSHRUNK

from miriam_platform.pool import Pool
from miriam_reporting.audit.event import counted, counted_in
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.errors import NoSuchPart, PositionBeyondHead, UnknownEdition
from miriam_reporting.reports.explain import explain, explain_page
from miriam_reporting.reports.layouts import Layouts

_LAID_OUT = "select 'edition_at'::regclass::oid::text || '/' || pg_backend_pid()::text"


@contextmanager
def layouts_of(reporting: ReportingDatabase, most: int = 3) -> Iterator[Layouts]:
    pool = Pool(reporting.app_url, "test-pool", 2)
    with closing(pool), closing(Layouts(reporting.app_url, "test-layouts", pool, most)) as made:
        yield made


def agree(reporting: ReportingDatabase, layouts: Layouts, edition: str, as_of: int | None, code: str) -> int:
    """How many rows were compared: those behind every part of a figure, three at a time."""
    try:
        parts = explain(reporting.app, edition, code, None, as_of=as_of).parts
    except UnknownEdition:
        with pytest.raises(UnknownEdition):
            explain_page(layouts, edition, "I01", "", "total", "", as_of, 0, 3)
        return 0
    compared = 0
    for part in parts:
        expected = explain(reporting.app, edition, code, part, as_of=as_of)
        for first in (0, 3):
            found = explain_page(layouts, edition, code, part, "total", "", as_of, first, 3)
            assert list(found.rows) == list(expected.evidence[first : first + 3]), (code, part, first)
            assert (found.count, found.position) == (len(expected.evidence), expected.position)
            compared += len(found.rows)
    return compared


@pytest.mark.timeout(1200)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), chance=st.randoms(use_true_random=False))
def test_after_every_batch_what_stays_laid_out_tells_the_same_evidence(
    reporting: ReportingDatabase, bodies: list[bytes], chance: random.Random
) -> None:
    begin(reporting, bodies)
    reached = 0
    with layouts_of(reporting) as layouts:
        while done := step(reporting, chance.choice((1, 5, 40))):
            reached += done
            for edition in EDITIONS:
                as_of = chance.choice((None, reached, chance.randint(1, reached)))
                agree(reporting, layouts, edition, as_of, chance.choice(list(indicators())))


@pytest.mark.timeout(600)
def test_every_figure_and_event_is_explained_alike_and_nothing_is_laid_out_twice(reporting: ReportingDatabase) -> None:
    bodies = seeded(4, 300)
    reporting.load(bodies)
    with layouts_of(reporting) as layouts:
        layouts.warm("2023")
        with layouts.of("2023", None, ["edition_at"]) as (connection, _), connection.cursor() as cursor:
            cursor.execute(_LAID_OUT)
            [first] = cursor.fetchall()
        assert sum(agree(reporting, layouts, "2023", None, code) for code in indicators()) > 200
        with reporting.app, reporting.app.cursor() as cursor:
            cursor.execute("select event_id::text from ledger.leaf where position % 25 = 0 order by position")
            events = [str(event) for (event,) in cursor]
        for event in events:
            assert counted_in(layouts, "2023", event) == counted(reporting.app, "2023", event)
        with layouts.of("2023", None, ["edition_at"]) as (connection, _), connection.cursor() as cursor:
            cursor.execute(_LAID_OUT)
            assert cursor.fetchall() == [first]


def test_a_position_that_is_not_there_or_an_edition_that_is_unknown_leaves_nothing_behind(
    reporting: ReportingDatabase,
) -> None:
    reporting.load(seeded(70, 200))
    with layouts_of(reporting, most=1) as layouts:
        with pytest.raises(PositionBeyondHead):
            explain_page(layouts, "2023", "I01", "", "total", "", 10_000, 0, 3)
        with pytest.raises(NoSuchPart):
            explain_page(layouts, "2023", "I01", "a=b", "total", "", None, 0, 3)
        for _ in range(3):
            with pytest.raises(UnknownEdition):
                explain_page(layouts, "1900", "I01", "", "total", "", None, 0, 3)
        for as_of in (200, 199, 198, 199):
            agree(reporting, layouts, "2023", as_of, "I01")
        # One stays, whatever was asked; the server takes a moment to end those that made room.
        until = time.monotonic() + 10
        while sessions(reporting) > 1:
            assert time.monotonic() < until, f"{sessions(reporting)} editions stay laid out"
            time.sleep(0.05)
        assert sessions(reporting) == 1


def sessions(reporting: ReportingDatabase) -> int:
    with reporting.app, reporting.app.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where application_name = 'test-layouts'")
        [(found,)] = cursor.fetchall()
        return int(found)
