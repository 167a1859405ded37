"""Whatever a payload says, written as a row it reads back as the same event, in each language and in both forms."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from miriam_contracts import codes
from miriam_contracts.ids import holds_national_number
from miriam_contracts.instruments import INSTRUMENTS
from miriam_contracts.problems import LANGUAGES
from miriam_emitter import Settings
from miriam_importer.examples import rows_of
from miriam_importer.reading import read
from miriam_importer.rows import Reader
from miriam_importer.sheets import SHEETS, Column, Sheet
from miriam_importer.template import workbook

OURS = Settings("anderlecht", "cpas", "amqp://nobody", Path("keys"), Path("spool"))
TODAY = "2199-12-31"
LOCAL = st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True).filter(lambda text: not holds_national_number(text))
DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2199, 12, 31)).map(dt.date.isoformat)
# What a cell would not keep: blanks at its ends, other forms of a letter, the sign with which a formula begins.
TEXTS = st.from_regex(r"[A-Za-zéèçßœ0-9]([A-Za-zéèçßœ0-9 ;,\"'\n.!?€-]{0,40}[A-Za-z.])?", fullmatch=True)
NUMBERS = st.sampled_from(["85073003328", "93051822361", "00012511148"])
PROJECTS = LOCAL.map("spp-is:{}".format)


def values(column: Column) -> st.SearchStrategy[Any]:
    if column.kind == "score":
        scores = st.integers(column.lowest, column.highest).map(lambda n: {"status": "valid", "score": n})
        return scores | st.sampled_from(column.choices).map(lambda code: {"status": code})
    found: dict[str, st.SearchStrategy[Any]] = {
        "own_id": LOCAL.map("anderlecht:{}".format),
        "other_id": PROJECTS,
        "code": st.sampled_from(column.choices or ("",)),
        "yes_no": st.booleans(),
        "date": DAYS,
        "text": TEXTS,
        "niss": NUMBERS,
    }
    return found[column.kind] if column.kind in found else st.integers(column.lowest, column.highest)


@st.composite
def payloads(draw: st.DrawFn, sheet: Sheet) -> tuple[str, dict[str, Any]]:
    """A fact of the sheet and a payload that keeps its contract."""
    fact = draw(st.sampled_from(sheet.facts))
    data: dict[str, Any] = {}
    for column in sheet.columns[: len(sheet.fields)]:
        if column.key in ("fact", sheet.gathered) or fact not in column.used_by:
            continue
        if fact not in column.needed_by and (column.key.startswith("changes/") or draw(st.booleans())):
            continue
        holder, _, name = column.key.rpartition("/")
        (data.setdefault(holder, {}) if holder else data)[name] = draw(values(column))
    if sheet.kind == "assessments":
        data["assessment"] = f"anderlecht:{data['moment']}"
        if data["moment"] == "end":
            data["changes"] = {name: draw(st.sampled_from(codes.CHANGES)) for name in codes.MEASURED_DOMAINS}
    if sheet.gathered:
        del data["participation"]
        women = draw(st.lists(LOCAL.map("anderlecht:{}".format), min_size=1, max_size=6, unique=True))
        where = [draw(st.sampled_from(("present", "excused", "absent"))) for _ in women]
        for name in ("present", "excused", "absent"):
            data[name] = sorted(woman for woman, place in zip(women, where, strict=True) if place == name)
    return fact, data


def as_workbook(sheet: Sheet, rows: Sequence[Mapping[str, Any]], language: str) -> bytes:
    book = load_workbook(io.BytesIO(workbook(sheet, language)))
    for number, cells in enumerate(rows, 2):
        for place, column in enumerate(sheet.columns, 1):
            book.worksheets[0].cell(number, place).value = cells.get(column.key)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(sheet: Sheet, rows: Sequence[Mapping[str, Any]], language: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([column.heading(language) for column in sheet.columns])
    for cells in rows:
        written = (cells.get(column.key) for column in sheet.columns)
        writer.writerow([f"{each:%d/%m/%Y}" if isinstance(each, dt.date) else each for each in written])
    return out.getvalue().encode()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(SHEETS.values())).flatmap(lambda sheet: st.tuples(st.just(sheet), payloads(sheet))),
    st.sampled_from(LANGUAGES),
    st.booleans(),
)
def test_a_payload_written_as_a_row_reads_back_the_same(
    drawn: tuple[Sheet, tuple[str, dict[str, Any]]], language: str, text: bool
) -> None:
    sheet, (fact, data) = drawn
    rows = rows_of(sheet, fact, data, language)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("rows.csv" if text else "rows.xlsx")
        path.write_bytes((as_csv if text else as_workbook)(sheet, rows, language))
        table = read(path, sheet.kind)
        drafts = Reader(table, OURS, language, TODAY).read()
    assert drafts.troubles == []
    (draft,) = drafts.found
    assert (draft.fact, draft.event["data"]) == (fact, data)


def test_the_questionnaires_share_the_scale_that_is_offered() -> None:
    column = SHEETS["assessments"].by_key["scores/finances"]
    assert {(each.lowest, each.highest) for each in INSTRUMENTS.values()} == {(column.lowest, column.highest)}
