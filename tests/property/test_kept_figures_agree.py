"""Reports made of kept figures, and by two sessions, are to the letter those that one session computes.

After every batch of random histories: so what is kept is never served when it could have changed. That it is kept at
all where nothing that matters changed is tested too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import partial

import orjson
import pytest
from histories import histories, seeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase
from test_two_implementations_agree import UNSHRUNK

from miriam_reporting.facts.mentions import last_that_matters
from miriam_reporting.facts.projection import project
from miriam_reporting.indicators.standing import standing
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports import kept
from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.current import report
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.errors import UnknownEdition
from miriam_reporting.reports.halves import SHOWN
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.reports.snapshot import opened

EDITIONS = ("2023", "2024")


def computed(reporting: ReportingDatabase, edition: str, levels: Sequence[str], as_of: int | None = None) -> bytes:
    try:
        return orjson.dumps(compute(reporting.app, edition, as_of, levels).as_json())
    except UnknownEdition:
        return b"no report"


def quick(
    reporting: ReportingDatabase,
    edition: str,
    levels: Sequence[str],
    as_of: int | None = None,
    *,
    may_be_kept: bool = False,
) -> bytes:
    try:
        return report(reporting.app, edition, as_of, levels, may_be_kept=may_be_kept).as_bytes()
    except UnknownEdition:
        return b"no report"


def begin(reporting: ReportingDatabase, bodies: list[bytes]) -> None:
    """A ledger of these leaves, of which nothing is projected and of whose figures nothing is kept."""
    reporting.load([])
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("delete from kept.figures")
        load_leaves(reporting.owner, bodies)


def step(reporting: ReportingDatabase, count: int) -> int:
    with reporting.app:
        return project(reporting.app, count)


def kept_rows(reporting: ReportingDatabase, edition: str) -> dict[tuple[str, str], int]:
    """The position at which each kept piece was computed."""
    with reporting.app, reporting.app.cursor() as cursor:
        cursor.execute("select code, level, position from kept.figures where edition = %s", (edition,))
        return {(code, level): position for code, level, position in cursor}


@pytest.mark.timeout(1200)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), chance=st.randoms(use_true_random=False))
def test_after_every_batch_the_kept_report_is_the_computed_one(
    reporting: ReportingDatabase, bodies: list[bytes], chance: random.Random
) -> None:
    begin(reporting, bodies)
    reached = 0
    while done := step(reporting, chance.choice((1, 3, 10, 40))):
        reached += done
        for edition in EDITIONS:
            levels = chance.choice((LEVELS, ("total",), ("total", "region"), ("cpas",)))
            assert quick(reporting, edition, levels) == computed(reporting, edition, levels)
            # What stood a little earlier may be what stands now; then it is made of what was kept.
            earlier = chance.randint(max(0, reached - 5), reached)
            expected = computed(reporting, edition, levels, earlier)
            assert quick(reporting, edition, levels, earlier, may_be_kept=True) == expected


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(50, 52))
def test_one_event_at_a_time_the_kept_report_is_the_computed_one(reporting: ReportingDatabase, seed: int) -> None:
    bodies = seeded(seed, 120, copies=2)
    begin(reporting, bodies)
    step(reporting, 100)
    served = 0
    while step(reporting, 1):
        for edition in EDITIONS:
            before = kept_rows(reporting, edition)
            assert quick(reporting, edition, LEVELS) == computed(reporting, edition, LEVELS)
            served += bool(before) and kept_rows(reporting, edition) == before
    assert served > 0, "nothing was ever served from what was kept"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(60, 62))
def test_two_sessions_give_as_of_any_position_what_one_gives(reporting: ReportingDatabase, seed: int) -> None:
    bodies = seeded(seed, 300, copies=1 + seed % 3)
    reporting.load(bodies)
    for as_of in (None, 60, 150, 220):
        for edition in EDITIONS:
            expected = computed(reporting, edition, LEVELS, as_of)
            position = len(bodies) if as_of is None else as_of
            assert quick(reporting, edition, LEVELS, position) == expected


def test_what_two_sessions_leave_out_is_there_to_be_left_out() -> None:
    """Else they would lay out all of it, as one does, and nobody would notice."""
    texts = {each.name: each.statement for each in standing()}
    for name, shown, _ in SHOWN:
        assert shown in texts[name]


def test_what_another_edition_alone_is_concerned_with_leaves_a_report_kept(reporting: ReportingDatabase) -> None:
    bodies = seeded(70, 200)
    begin(reporting, bodies)
    while step(reporting, 500):
        pass
    first = quick(reporting, "2023", LEVELS)
    before = kept_rows(reporting, "2023")
    assert before
    assert first == quick(reporting, "2023", LEVELS)
    assert kept_rows(reporting, "2023") == before


def test_what_is_kept_is_not_found_for_a_position_before_what_came_last(reporting: ReportingDatabase) -> None:
    """Else events that arrive while a report of the past is asked for would make it one of now."""
    reporting.load(seeded(71, 200))
    quick(reporting, "2023", ("total",))
    asked = reporting.app, "2023", current().digest, ["I01"], ["total"]
    with opened(reporting.app, None) as position:
        last = last_that_matters(reporting.app, "2023")
        assert kept.find(*asked, position)
        assert kept.find(*asked, last)
        assert kept.find(*asked, last - 1) == {}


def test_after_a_rebuild_nothing_older_is_served(reporting: ReportingDatabase) -> None:
    """What was kept of other tables may have been of other facts."""
    bodies = seeded(71, 200)
    begin(reporting, bodies)
    while step(reporting, 500):
        pass
    told = quick(reporting, "2023", ("total",))
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("update kept.figures set facts = '1/0', figures = 'forged'")
    assert quick(reporting, "2023", ("total",)) == told


@pytest.mark.parametrize("seed", [60, 61, 62])
def test_a_report_narrowed_by_its_text_holds_those_figures_and_no_others(
    reporting: ReportingDatabase, seed: int
) -> None:
    reporting.load(seeded(seed, 200, copies=2))
    whole = report(reporting.app, "2023", None, LEVELS)
    figures = whole.as_report().figures
    places = {(each.level, each.by.get(each.level)) for each in figures}
    assert len(places) > 4
    for level, value in places:
        for part in ("", "outcome", "domain"):
            wanted = partial(_is_of, level, value, part)
            expected = [each for each in figures if wanted(each.code, each.by)]
            assert whole.only(wanted).as_report().figures == expected
    assert whole.only(lambda code, by: False).as_report().figures == []
    assert whole.only(lambda code, by: True).as_report().figures == figures


def _is_of(level: str, value: str | None, part: str, code: str, by: Mapping[str, str]) -> bool:
    return code != "I02" and by.get(level) == value and (not part or part in by)
