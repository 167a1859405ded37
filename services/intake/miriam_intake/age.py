"""The age band at entry, by the bands of ESF+ Annex I: all that leaves a birth date behind."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from stdnum.be import ssn

NOT_AVAILABLE = "not_available"
# The first age, in completed years, that no longer belongs to the band.
_BANDS = ((18, "under_18"), (30, "18_29"), (55, "30_54"), (150, "55_plus"))


def birth_date(personal: Mapping[str, Any]) -> dt.date | None:
    """Her birth date: as given, else as her national number tells it; None where neither does.

    Month and day of a number may be 00: then it tells no day.
    """
    if "birth_date" in personal:
        return dt.date.fromisoformat(personal["birth_date"])
    if "niss" not in personal:
        return None
    return ssn.get_birth_date(personal["niss"])


def age_band(born: dt.date, on: str) -> str:
    """The band of her age in completed years on a day; `not_available` where the dates contradict each other."""
    day = dt.date.fromisoformat(on)
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if years < 0:
        return NOT_AVAILABLE
    return next((band for limit, band in _BANDS if years < limit), NOT_AVAILABLE)
