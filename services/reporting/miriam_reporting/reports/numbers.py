"""The last arithmetic of figures: exact rationals, rounded half-even once, written as text. Never floats."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import isqrt

_SIGNIFICANT = 50
_CONTEXT = Context(prec=_SIGNIFICANT, rounding=ROUND_HALF_EVEN)


def rounded(value: Fraction | int, places: int) -> str:
    """`value` with that many decimals, half-even; zero has no sign."""
    # Python rounds a Fraction half-even, exactly.
    scaled = round(Fraction(value) * 10**places)
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def square_root(value: Fraction) -> Fraction:
    """The root of a rational that is not negative: exact where it is rational, else to 50 significant digits."""
    numerator, denominator = isqrt(value.numerator), isqrt(value.denominator)
    if numerator**2 == value.numerator and denominator**2 == value.denominator:
        return Fraction(numerator, denominator)
    # root(n/d) = root(n * d) / d: the root of an integer, so that one rounding alone is made before the division.
    root = Decimal(value.numerator * value.denominator).sqrt(_CONTEXT)
    return Fraction(root) / value.denominator
