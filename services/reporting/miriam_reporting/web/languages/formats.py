"""Numbers, amounts and dates, as each language writes them in Belgium."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from miriam_platform.times import BRUSSELS

# English of Belgium would write numbers as its neighbours do, which readers of English take for something else.
_TERRITORY = {"fr": "fr_BE", "nl": "nl_BE", "de": "de_BE", "en": "en_GB"}
NOTHING = "–"


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_TERRITORY[language])


@dataclass(frozen=True, slots=True)
class Format:
    """How one language writes values; None is a dash."""

    language: str

    @property
    def locale(self) -> Locale:
        """The language as it is written in Belgium."""
        return _locale(self.language)

    def number(self, value: int | Decimal | None) -> str:
        """A number with all its decimals."""
        if value is None:
            return NOTHING
        decimals = max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 0
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, pattern, locale=self.locale)

    def percent(self, value: Decimal | int | None) -> str:
        """A part of a hundred: 73.0 is 73.0 %, with one decimal."""
        if value is None:
            return NOTHING
        decimals = "0" if isinstance(value, int) else "0.0"
        pattern = self.locale.percent_formats[None].pattern.replace("#,##0", f"#,##{decimals}")
        return format_percent(Decimal(value) / 100, pattern, locale=self.locale, decimal_quantization=False)

    def money(self, value: Decimal | int | None) -> str:
        """Euros; with cents where it has any."""
        if value is None:
            return NOTHING
        whole = value == int(value)
        return format_currency(
            value, "EUR", "#,##0 ¤" if whole else "#,##0.00 ¤", locale=self.locale, currency_digits=False
        )

    def date(self, value: dt.date | str | None) -> str:
        """A day, in words: 22 novembre 2026."""
        if value is None:
            return NOTHING
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
        return self._first(format_date(day, "long", locale=self.locale))

    def moment(self, value: dt.datetime | str | None) -> str:
        """A moment, on the clocks of Brussels."""
        if value is None:
            return NOTHING
        when = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        day = "d. MMM y" if self.language == "de" else "d MMM y"
        return self._first(format_datetime(when.astimezone(BRUSSELS), f"{day}, HH:mm:ss", locale=self.locale))

    def _first(self, text: str) -> str:
        """In French the first of a month is an ordinal: 1er août 2023."""
        return f"1er{text[1:]}" if self.language == "fr" and text.startswith("1 ") else text

    def listed(self, values: list[str]) -> str:
        """Several texts in one: a, b and c."""
        return format_list(values, locale=self.locale)
