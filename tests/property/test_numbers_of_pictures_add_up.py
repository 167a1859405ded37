"""What pictures show beside the figures adds up to them, on random histories: months and
numbers present to I01 and I09, spreads to I06.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from histories import seeded
from reporting_database import ReportingDatabase

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.errors import UnknownEdition
from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.numbers import ratio
from miriam_reporting.web.numbers.asking import Month, Spread, attendance, months, spread

EDITIONS = ("2023", "2024")
CODES = ("I01", "I06", "I09")


def figures(reporting: ReportingDatabase, edition: str, as_of: int | None) -> list[Figure]:
    found = compute(reporting.app, edition, as_of, LEVELS, CODES)
    return list(found.figures)


def shown(
    reporting: ReportingDatabase, edition: str, as_of: int | None
) -> tuple[dict[str, Mapping[str, Mapping[str, Month]]], dict[str, Mapping[tuple[str, str], Spread]]]:
    return (
        {level: months(reporting.app, edition, as_of, level) for level in LEVELS},
        {level: spread(reporting.app, edition, as_of, level) for level in LEVELS},
    )


def agree(reporting: ReportingDatabase, edition: str, as_of: int | None) -> int:
    """Compare every figure with what is shown; how many had something to compare."""
    by_month, by_domain = shown(reporting, edition, as_of)
    present = {level: attendance(reporting.app, edition, as_of, level) for level in LEVELS}
    compared = 0
    for figure in figures(reporting, edition, as_of):
        value = figure.by.get(figure.level, "")
        course = by_month[figure.level].get(value, {}).values()
        if figure.code == "I01" and not figure.part:
            assert sum(each.women for each in course) == figure.numerator, figure
        elif figure.part == "measure=mean_present" and not unplaced(figure):
            assert sum(each.sessions for each in course) == figure.denominator, figure
            assert sum(each.present for each in course) == figure.numerator, figure
            by_number = present[figure.level].get(value, {})
            assert sum(by_number.values()) == figure.denominator, figure
            assert sum(women * sessions for women, sessions in by_number.items()) == figure.numerator, figure
        elif figure.code == "I06":
            found = by_domain[figure.level].get((value, figure.by["domain"]), Spread(0, 0, 0, 0, 0))
            assert found.pairs == figure.denominator, figure
            assert found.ends - found.starts == figure.numerator, figure
            if found.pairs:
                assert figure.detail is not None
                assert ratio(found.starts, found.pairs, 2) == figure.detail["mean_start"], figure
        compared += bool(figure.numerator)
    return compared


def unplaced(figure: Figure) -> bool:
    """Whether its section may count what stands at no spot of the edition; valid sessions always stand at one."""
    return indicators()[figure.code].section_of(figure.part).query.place == "names"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [70, 71, 72, 73, 75])
def test_months_and_spreads_add_up_to_the_figures_at_every_place(reporting: ReportingDatabase, seed: int) -> None:
    bodies = seeded(seed, 160, copies=2)
    reporting.load(bodies)
    compared = 0
    for edition in EDITIONS:
        for as_of in (None, len(bodies) * 2 // 3, None):
            try:
                compared += agree(reporting, edition, as_of)
            except UnknownEdition:
                continue
    assert compared > 10


@pytest.mark.timeout(900)
def test_numbers_are_kept_until_something_that_matters_changes(reporting: ReportingDatabase) -> None:
    reporting.load(seeded(70, 160, copies=2))
    first = spread(reporting.app, "2023", None, "total")
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("select count(*) from kept.figures where code like 'spread:%'")
        assert cursor.fetchone() == (len(LEVELS),)
        cursor.execute("update kept.figures set figures = '[[\"\",\"leisure\",1,2,4,3,9]]' where code like 'spread:%'")
    assert spread(reporting.app, "2023", None, "total") == {("", "leisure"): Spread(1, 2, 4, 3, 9)}
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("update facts.touched set position = position + 1000")
    assert spread(reporting.app, "2023", None, "total") == first
