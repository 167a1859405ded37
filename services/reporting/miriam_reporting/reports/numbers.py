"""The last arithmetic of figures: exact rationals, rounded half-even once, written as text. Never floats."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import isqrt

_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)


@lru_cache(maxsize=65536)
def ratio(numerator: int, denominator: int, places: int) -> str:
    """Numerator / denominator with that many decimals (at least one), half-even; zero has no sign.

    The denominator is above 0. A report has tens of thousands of figures, and few different ones.
    """
    scaled, rest = divmod(abs(numerator) * 10**places, denominator)
    # Above the half, or at the half of an odd number: away from zero.
    scaled += 2 * rest > denominator or (2 * rest == denominator and scaled % 2 == 1)
    digits = str(scaled).rjust(places + 1, "0")
    return f"{'-' if numerator < 0 and scaled else ''}{digits[:-places]}.{digits[-places:]}"


def rounded(value: Fraction, places: int) -> str:
    """`value` with that many decimals (at least one), half-even; zero has no sign."""
    return ratio(value.numerator, value.denominator, places)


@lru_cache(maxsize=65536)
def square_root(value: Fraction) -> Fraction:
    """The root of a rational that is not negative: exact where it is rational, else to 50 significant digits."""
    numerator, denominator = isqrt(value.numerator), isqrt(value.denominator)
    if numerator**2 == value.numerator and denominator**2 == value.denominator:
        return Fraction(numerator, denominator)
    # root(n/d) = root(n * d) / d: the root of an integer, so that one rounding alone is made before the division.
    root = Decimal(value.numerator * value.denominator).sqrt(_CONTEXT)
    return Fraction(root) / value.denominator
