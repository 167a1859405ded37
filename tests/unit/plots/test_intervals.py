"""Intervals: published worked examples, and SciPy's own way to the same."""

import pytest
from scipy import stats

from miriam_reporting.web.plots.intervals import Interval, of_mean, of_median, wilson

# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
# method 3: the score method without correction for continuity.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)]
# Student, "The probable error of a mean", Biometrika 6 (1908): hours of sleep gained, here in tenths; R's
# documentation of `t.test` on the same data gives the interval 0.7001142 to 2.4598858.
SLEEP = (12, 24, 13, 13, 0, 10, 18, 8, 46, 14)
# Which of so many numbers are the ends: the table that textbooks print for the sign test's interval.
RANKS = [(6, 1, 6), (9, 2, 8), (10, 2, 9), (12, 3, 10), (15, 4, 12), (17, 5, 13), (20, 6, 15)]


@pytest.mark.parametrize(("numerator", "denominator", "low", "high"), NEWCOMBE)
def test_the_interval_of_a_share_is_that_of_newcombes_table(
    numerator: int, denominator: int, low: float, high: float
) -> None:
    found = wilson(numerator, denominator)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_the_interval_of_a_share_is_that_of_scipy() -> None:
    for denominator in (1, 2, 5, 18, 879):
        for numerator in range(0, denominator + 1, max(1, denominator // 7)):
            expected = stats.binomtest(numerator, denominator).proportion_ci(method="wilson")
            found = wilson(numerator, denominator)
            assert found is not None
            assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_an_interval_of_a_share_never_leaves_0_to_1_and_holds_the_share() -> None:
    for denominator in range(1, 60):
        for numerator in range(denominator + 1):
            found = wilson(numerator, denominator)
            assert found is not None
            assert 0 <= found.low <= numerator / denominator <= found.high <= 1
            assert found.low < found.high, "nobody can be sure, also where all or none succeeded"


def test_a_share_of_nobody_has_no_interval_and_one_above_all_is_no_share() -> None:
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="from 0 to 3, not 4"):
        wilson(4, 3)
    with pytest.raises(ValueError, match="from 0 to 3, not -1"):
        wilson(-1, 3)


def test_the_interval_of_a_mean_is_that_of_students_own_example() -> None:
    found = of_mean(len(SLEEP), sum(SLEEP), sum(each * each for each in SLEEP))
    assert found is not None
    assert (found.low / 10, found.high / 10) == pytest.approx((0.7001142, 2.4598858), abs=1e-7)


@pytest.mark.parametrize("numbers", [(0, 10), (3, 3, 4), (5, 6, 7, 7, 9, 10, 2), tuple(range(11)) * 80])
def test_the_interval_of_a_mean_is_that_of_scipy(numbers: tuple[int, ...]) -> None:
    expected = stats.ttest_1samp(numbers, 0).confidence_interval(0.95)
    found = of_mean(len(numbers), sum(numbers), sum(each * each for each in numbers))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_the_mean_of_one_has_no_interval_and_that_of_equals_has_no_width() -> None:
    assert of_mean(0, 0, 0) is None
    assert of_mean(1, 7, 49) is None
    assert of_mean(4, 28, 196) == Interval(7, 7)
    with pytest.raises(ValueError, match="squares"):
        of_mean(4, 28, 195)


@pytest.mark.parametrize(("count", "low", "high"), RANKS)
def test_the_interval_of_a_median_lies_between_the_numbers_that_tables_name(count: int, low: int, high: int) -> None:
    assert of_median([*range(1, count + 1)][::-1]) == Interval(low, high)


def test_the_interval_of_a_median_covers_95_percent_and_the_next_narrower_one_does_not() -> None:
    for count in range(6, 300):
        found = of_median(range(1, count + 1))
        assert found is not None
        outside = 2 * stats.binom.cdf(int(found.low) - 1, count, 0.5)
        assert outside <= 0.05 < 2 * stats.binom.cdf(int(found.low), count, 0.5)
        assert found.low - 1 == count - found.high


def test_the_median_of_five_has_no_interval() -> None:
    assert of_median([3, 1, 2, 5, 4]) is None
