"""What pages keep laid out and counted: soon counted again after something came, and gone after a retirement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from reporting_database import ReportingDatabase
from retirement import PROJECTS, retired_leaf, small

from miriam_platform.pool import Pool
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports import kept
from miriam_reporting.reports.current import QuickReport, report
from miriam_reporting.reports.errors import RetiredEdition
from miriam_reporting.reports.explain import explain_page
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.retiring import retire_step
from miriam_reporting.web.remembered import Remembered
from miriam_reporting.web.warmer import Warmer

LAID_OUT = r"select count(*) from pg_class where relpersistence = 't' and relname like '%\_at'"

KEPT_AT_THE_HEAD = """
select count(*) from kept.figures where edition = '2024' and position = (select position from facts.checkpoint)
"""


@pytest.fixture
def pool(reporting: ReportingDatabase) -> Iterator[Pool]:
    with closing(Pool(reporting.app_url, "test-warmer", 2)) as made:
        yield made


@pytest.fixture
def layouts(reporting: ReportingDatabase, pool: Pool) -> Iterator[Layouts]:
    with closing(Layouts(reporting.app_url, "test-layout", pool)) as made:
        yield made


def number(reporting: ReportingDatabase, query: str) -> int:
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute(query)
        [(found,)] = cursor.fetchall()
        return int(found)


def come(reporting: ReportingDatabase, leaves: list[bytes]) -> None:
    with reporting.owner:
        load_leaves(reporting.owner, leaves)
    with reporting.app:
        project(reporting.app)


def wait_until_counted(warmer: Warmer) -> list[str]:
    until = time.monotonic() + 20
    while not (counted := warmer.step()):
        assert time.monotonic() < until, "nothing was counted"
        time.sleep(0.1)
    return counted


def test_after_a_retirement_nothing_of_the_edition_stays_laid_out(
    reporting: ReportingDatabase, pool: Pool, layouts: Layouts
) -> None:
    bodies = small().bodies
    reporting.load(bodies)
    warmer = Warmer(pool, layouts, Remembered())
    layouts.warm("2023")
    warmer.step()
    assert number(reporting, LAID_OUT) > 20
    come(reporting, [retired_leaf(bodies, "2023", PROJECTS["2023"])])
    while retire_step(reporting.app).more:
        pass
    warmer.step()
    until = time.monotonic() + 10
    while number(reporting, LAID_OUT):
        assert time.monotonic() < until, "its facts are still laid out"
        time.sleep(0.05)
    with pytest.raises(RetiredEdition):
        explain_page(layouts, "2023", "I01", "", "total", "", None, 0, 5)
    assert explain_page(layouts, "2024", "I01", "", "total", "", None, 0, 5).count > 0


def test_what_is_laid_out_or_remembered_of_the_past_is_refused_from_the_first_moment(
    reporting: ReportingDatabase, pool: Pool, layouts: Layouts
) -> None:
    """Before the first of its leaves is emptied."""
    bodies = small().bodies
    reporting.load(bodies)
    remembered = Remembered()
    assert explain_page(layouts, "2023", "I01", "", "total", "", 8, 0, 5).count > 0
    pool.ask(lambda connection: remembered.whole(connection, "2023", 8))
    come(reporting, [retired_leaf(bodies, "2023", PROJECTS["2023"])])
    with pytest.raises(RetiredEdition):
        explain_page(layouts, "2023", "I01", "", "total", "", 8, 0, 5)
    with pytest.raises(RetiredEdition):
        pool.ask(lambda connection: remembered.whole(connection, "2023", 8))


def test_the_warmer_goes_on_whatever_went_wrong(pool: Pool, layouts: Layouts, monkeypatch: pytest.MonkeyPatch) -> None:
    warmer = Warmer(pool, layouts, Remembered())
    steps: list[int] = []

    def step() -> list[str]:
        steps.append(1)
        if len(steps) == 2:
            warmer.stop()
        raise ZeroDivisionError

    monkeypatch.setattr(warmer, "step", step)
    monkeypatch.setattr("miriam_reporting.web.warmer._PAUSE_SECONDS", 0.01)
    warmer.run()
    assert len(steps) == 2


def test_what_was_looked_at_is_counted_again_once_nothing_comes_any_more(
    reporting: ReportingDatabase, pool: Pool, layouts: Layouts
) -> None:
    bodies = small().bodies
    reporting.load(bodies[:-1])
    warmer = Warmer(pool, layouts, Remembered())
    # The newest edition is watched although nobody looked at it yet.
    assert wait_until_counted(warmer) == ["2024"]
    warmer.looked("2023")
    assert wait_until_counted(warmer) == ["2023"]
    assert warmer.step() == []
    come(reporting, bodies[-1:])
    assert warmer.step() == []
    assert wait_until_counted(warmer) == ["2024"]
    assert number(reporting, KEPT_AT_THE_HEAD) > 0
    assert number(reporting, LAID_OUT) > 40


def test_a_session_that_the_server_ended_is_laid_out_again_and_nobody_is_told(
    reporting: ReportingDatabase, layouts: Layouts
) -> None:
    reporting.load(small().bodies)
    told = explain_page(layouts, "2023", "I08", "measure=hours", "total", "", None, 0, 5)
    ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'test-layout'"
    with psycopg2.connect(reporting.app_url) as app, app.cursor() as cursor:
        cursor.execute(ended)
        assert cursor.fetchone() == (1,)
    assert explain_page(layouts, "2023", "I08", "measure=hours", "total", "", None, 0, 5) == told


def test_what_will_be_asked_for_of_the_past_is_counted_before_and_only_once(
    reporting: ReportingDatabase, pool: Pool, layouts: Layouts
) -> None:
    reporting.load(small().bodies)
    remembered = Remembered()
    remembered.expect("2023", [6, 7])
    remembered.expect("1999", [7])
    Warmer(pool, layouts, remembered).step()
    facts = pool.ask(kept.generation)
    with pytest.raises(AssertionError, match="made"):
        remembered.get((facts, "2023", 5), made)
    for position in (6, 7):
        found = remembered.get((facts, "2023", position), made)
        assert found.as_bytes() == report(reporting.app, "2023", position, LEVELS).as_bytes()
        some = ("total", "cpas"), ("I01", "I07")
        assert found.narrowed(*some).as_bytes() == report(reporting.app, "2023", position, *some).as_bytes()


def test_those_that_nobody_asked_for_longest_are_forgotten_first(reporting: ReportingDatabase) -> None:
    reporting.load(small().bodies)
    one = report(reporting.app, "2023", 7, LEVELS)
    remembered = Remembered(most=2 * one.characters)
    for key in ("a", "b", "a", "c"):
        assert remembered.get(key, lambda: one) is one
    assert remembered.get("a", made) is one
    with pytest.raises(AssertionError, match="made"):
        remembered.get("b", made)


def made() -> QuickReport:
    raise AssertionError("made, although it should have been there, or has been forgotten")
