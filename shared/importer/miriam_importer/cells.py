"""From what stands in a cell to the value of a field, as people here write numbers, days and words."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from miriam_importer import words
from miriam_importer.reading.grid import Broken, Raw, Serial
from miriam_importer.sheets.model import Column

_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SHORT_YEAR = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2}")
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?$")
# A point and three digits could be a thousand here and one elsewhere, so it is neither.
_WHOLE = re.compile(r"([+-]?\d+)([.,]0{1,2})?")
_HOURS = re.compile(r"(\d{1,2})\s*(?:h|u|:|uur|std\.?)\s*([0-5]?\d)?\s*(?:min\.?|m)?", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[\s./-]")
_NISS_DIGITS = 11


class CellProblem(Exception):
    """A cell that cannot be read. `code` is a rule of ours; `allowed` what could stand there."""

    def __init__(self, code: str, allowed: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.allowed = allowed


def value(column: Column, raw: Raw, cpas: str, language: str) -> Any:
    """The value in a cell; None where nothing stands in it. `cpas` completes the short ids that people type.

    Bounds, forms and check digits are the contract's to judge.

    Raises:
        CellProblem: it cannot be read.
    """
    if isinstance(raw, Broken):
        raise CellProblem("cell_formula" if raw is Broken.FORMULA else "cell_error")
    if isinstance(raw, str):
        raw = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).replace("\xa0", " ").strip()
        if not raw:
            return None
    if raw is None:
        return None
    if column.kind in ("code", "yes_no"):
        found = _code(column, raw, language)
        return found == "true" if column.kind == "yes_no" else found
    if column.kind == "own_id":
        return _own_id(raw, cpas)
    if column.kind == "score":
        return _score(column, raw, language)
    return _READ[column.kind](raw, column)


def _text(raw: Any, column: Column) -> str:
    if isinstance(raw, Serial):
        return _number(raw.number)
    if isinstance(raw, float):
        return _number(raw)
    if not isinstance(raw, str):
        raise CellProblem("cell_text")
    return raw


def _number(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _own_id(raw: Any, cpas: str) -> str:
    text = _number(raw.number) if isinstance(raw, Serial) else raw
    if not isinstance(text, str):
        raise CellProblem("cell_own_id")
    return text if ":" in text else f"{cpas}:{text}"


def _other_id(raw: Any, column: Column) -> str:
    if not isinstance(raw, str):
        raise CellProblem("cell_other_id")
    return raw


def _niss(raw: Any, column: Column) -> str:
    """Digits alone. A number that a spreadsheet took for a quantity has lost its leading zeros."""
    if isinstance(raw, Serial) and raw.number == int(raw.number):
        return str(int(raw.number)).zfill(_NISS_DIGITS)
    return _NOT_DIGIT.sub("", str(raw)) or "-"


def _whole(raw: Any, column: Column) -> int:
    number = raw.number if isinstance(raw, Serial) else raw
    if isinstance(number, bool):
        raise CellProblem("cell_whole", column.bounds)
    if isinstance(number, (int, float)):
        if number != int(number):
            raise CellProblem("cell_whole", column.bounds)
        return int(number)
    match = _WHOLE.fullmatch(number) if isinstance(number, str) else None
    # More digits than any bound has are no number that somebody counted.
    if match is None or len(match[1]) > 9:
        raise CellProblem("cell_whole", column.bounds)
    return int(match[1])


def _minutes(raw: Any, column: Column) -> int:
    """Minutes, or hours and minutes: 90, 1:30, 1h30, 1u30."""
    if isinstance(raw, dt.datetime):
        # A clock time beyond midnight, as a spreadsheet keeps it, would be a day of 1900.
        raise CellProblem("cell_whole", column.bounds)
    if isinstance(raw, dt.time):
        return raw.hour * 60 + raw.minute
    if isinstance(raw, dt.timedelta):
        return round(raw.total_seconds() / 60)
    if isinstance(raw, str):
        match = _HOURS.fullmatch(raw)
        if match:
            return int(match[1]) * 60 + int(match[2] or 0)
        raw = re.sub(r"\s*(min\.?|minuten|minutes)$", "", raw, flags=re.IGNORECASE)
    return _whole(raw, column)


def _percent(raw: Any, column: Column) -> int:
    return _whole(raw.rstrip("% ") if isinstance(raw, str) else raw, column)


def _date(raw: Any, column: Column) -> str:
    if isinstance(raw, Serial):
        raw = raw.day
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat()
    if isinstance(raw, dt.date):
        return raw.isoformat()
    if not isinstance(raw, str):
        raise CellProblem("cell_date")
    text = _MIDNIGHT.sub("", raw)
    day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    if day_first:
        year, month, day = day_first[4], day_first[3], day_first[1]
    elif year_first:
        year, month, day = year_first[1], year_first[2], year_first[3]
    else:
        raise CellProblem("cell_year" if _SHORT_YEAR.fullmatch(text) else "cell_date")
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise CellProblem("cell_date") from None


def _code(column: Column, raw: Any, language: str) -> str:
    if isinstance(raw, bool):
        raw = str(raw)
    elif isinstance(raw, Serial):
        raw = _number(raw.number)
    found = words.known(column.words, column.choices).get(words.fold(raw)) if isinstance(raw, str) else None
    if found is None:
        raise CellProblem("unknown_code", ", ".join(column.choice(language)))
    return found


def _score(column: Column, raw: Any, language: str) -> dict[str, Any]:
    """A score makes the answer a valid one; else a word says why there is none."""
    if isinstance(raw, str):
        status = words.known(column.words, column.choices).get(words.fold(raw))
        if status is not None:
            return {"status": status}
    try:
        return {"status": "valid", "score": _whole(raw, column)}
    except CellProblem:
        allowed = ", ".join((column.bounds, *(column.word(code, language) for code in column.choices)))
        raise CellProblem("cell_score", allowed) from None


_READ: Mapping[str, Callable[[Any, Column], Any]] = {
    "text": _text,
    "other_id": _other_id,
    "niss": _niss,
    "whole": _whole,
    "minutes": _minutes,
    "percent": _percent,
    "date": _date,
}


def written(column: Column, found: Any, language: str) -> str | int | dt.date:
    """What to write into a cell, that it reads back as this value."""
    if column.kind in ("code", "yes_no"):
        return column.word(str(found).lower() if column.kind == "yes_no" else found, language)
    if column.kind == "score":
        return int(found["score"]) if "score" in found else column.word(found["status"], language)
    if column.kind == "date":
        return dt.date.fromisoformat(found)
    if column.kind == "own_id":
        return str(found).partition(":")[2]
    return found if isinstance(found, int) else str(found)
