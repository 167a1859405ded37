"""Intervals of 95 %: between which values a share, a mean or a median would lie, were the women met a random sample.

An edition counts all its women, so its figures as such have no error of sampling. The interval says how far a figure
might lie elsewhere by chance alone if the same work were done with as many other women: it keeps readers from taking a
difference between small groups for an effect. Pages say so beside each picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import bdtr, ndtri, stdtrit

LEVEL = 0.95
_Z = float(ndtri(0.5 + LEVEL / 2))  # 1.95996...: the two-sided point of the normal distribution


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, in the unit of the figure."""

    low: float
    high: float


def wilson(numerator: int, denominator: int) -> Interval | None:
    """The score interval of a share, as a number from 0 to 1 (E. B. Wilson, JASA 22, 1927, p. 209-212).

    It stays within 0 and 1 and holds for small groups and for shares near either end, where the textbook's plus or
    minus 1.96 standard errors does not (Newcombe, Statistics in Medicine 17, 1998). None of nobody.
    Raises ValueError for a share that is not between 0 and 1.
    """
    if not 0 <= numerator <= denominator:
        raise ValueError(f"a share counts from 0 to {denominator}, not {numerator}")
    if denominator == 0:
        return None
    share, square = numerator / denominator, _Z * _Z
    middle = (share + square / (2 * denominator)) / (1 + square / denominator)
    half = _Z / (1 + square / denominator) * sqrt(share * (1 - share) / denominator + square / (4 * denominator**2))
    # At the ends the formula gives 0 and 1 but for the last bit of a float.
    low = 0.0 if numerator == 0 else middle - half
    return Interval(low, 1.0 if numerator == denominator else middle + half)


def of_mean(count: int, total: int, squares: int) -> Interval | None:
    """Student's interval of the mean of `count` whole numbers, by their sum and the sum of their squares.

    mean -/+ t(count - 1) * s / sqrt(count), s the sample's standard deviation (Student, Biometrika 6, 1908).
    None of fewer than two. Raises ValueError where no such numbers exist.
    """
    spread = count * squares - total * total  # whole numbers: nothing is lost however many they are
    if spread < 0:
        raise ValueError(
            f"{count} numbers that add up to {total} have squares that add up to {total**2 / count} or more"
        )
    if count < 2:
        return None
    mean, deviation = total / count, sqrt(spread / (count * (count - 1)))
    half = float(stdtrit(count - 1, 0.5 + LEVEL / 2)) * deviation / sqrt(count)
    return Interval(mean - half, mean + half)


def of_median(numbers: Sequence[float]) -> Interval | None:
    """The interval of the median between two of the numbers themselves, which needs no assumption about their spread.

    The k-th smallest and the k-th largest, k the largest with P(Binomial(n, 1/2) < k) <= 2.5 % (David and Nagaraja,
    Order Statistics, 2003, section 7.1). It covers 95 % or more. None of fewer than six, which no two of them could.
    """
    ordered, count = sorted(numbers), len(numbers)
    ranks = [k for k in range(1, count // 2 + 1) if float(bdtr(k - 1, count, 0.5)) <= (1 - LEVEL) / 2]
    if not ranks:
        return None
    return Interval(ordered[ranks[-1] - 1], ordered[count - ranks[-1]])
