"""A view as CSV and as a workbook: cells of each kind, what would harm a spreadsheet, and that withheld is said."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from werkzeug.datastructures import MultiDict

from miriam_platform.pool import Pool
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.exports import MOST_ROWS, TooLong, as_csv, as_json, as_xlsx, bounded
from miriam_reporting.web.exports.carried import Carried
from miriam_reporting.web.languages.catalogues import catalogues
from miriam_reporting.web.remembered import Remembered
from miriam_reporting.web.roles import ANYBODY
from miriam_reporting.web.settings import Settings
from miriam_reporting.web.view import WITHHELD, Cell, Column, Link, Table, View

HEAD = {"origin": "a.log/ledger", "size": 900, "root": "cm9vdA=="}
COLUMNS = [
    Column("code", "Code", "code"),
    Column("name", "Name"),
    Column("women", "Women", "number"),
    Column("mean", "Mean", "decimal", "points"),
    Column("share", "Share", "percent"),
    Column("paid", "Paid", "money"),
    Column("day", "Day", "date"),
    Column("at", "At", "moment"),
    Column("done", "Done", "flag"),
]
ROW: Mapping[str, Cell] = {
    "code": "I04",
    "name": Link("Anderlecht; Brussels", "/somewhere"),
    "women": 1116,
    "mean": Decimal("-2.50"),
    "share": Decimal("73.0"),
    "paid": Decimal("1234.5"),
    "day": dt.date(2024, 2, 29),
    "at": dt.datetime(2024, 7, 1, 10, 0, 5, tzinfo=dt.UTC),
    "done": True,
}
HARMFUL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1")


def carrying(*rows: Mapping[str, Cell], language: str = "en", tables: Sequence[Table] = ()) -> Carried:
    settings = Settings("postgresql:///none", "127.0.0.1:0", "http://localhost", "x" * 32)
    database = Pool(settings.database_url, "no connection is ever opened", 1)
    given: MultiDict[str, str] = MultiDict()
    kept = Layouts(settings.database_url, "nor here", database), Remembered()
    asked = Asked(ANYBODY, database, *kept, language, catalogues().of(language), given, given, settings, exporting=True)
    shown = tables or (Table("figures", "Figures", COLUMNS, rows, "A note."),)
    return Carried(View("report", "Edition 2023", shown, "2023", 900, "900", HEAD, "current"), current(), False, asked)


def lines(carried: Carried) -> list[list[str]]:
    content = as_csv.written(carried)
    assert content.startswith(b"\xef\xbb\xbf")
    separator = "," if carried.asked.language == "en" else ";"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator, strict=True))


def table_of(content: bytes, title: str = "Figures") -> list[list[object]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content))[title].iter_rows()]


def test_csv_has_the_table_first_and_each_kind_of_cell_in_english() -> None:
    found = lines(carrying(ROW))
    assert found[0] == ["Code", "Name", "Women", "Mean (points)", "Share (%)", "Paid (EUR)", "Day", "At", "Done"]
    first = ["I04", "Anderlecht; Brussels", "1116", "-2.50", "73.0", "1234.5", "2024-02-29"]
    assert found[1] == [*first, "2024-07-01T12:00:05+02:00", "yes"]
    assert found[2] == []


@pytest.mark.parametrize(("language", "yes"), [("fr", "oui"), ("nl", "ja"), ("de", "ja")])
def test_csv_is_separated_and_pointed_as_belgian_spreadsheets_expect(language: str, yes: str) -> None:
    row = lines(carrying(ROW, language=language))[1]
    assert row[3:6] == ["-2,50", "73,0", "1234,5"]
    assert row[8] == yes


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_a_withheld_number_is_said_and_explained_and_nothing_stays_empty(language: str) -> None:
    carried = carrying({**ROW, "women": WITHHELD, "mean": None}, language=language)
    word = catalogues().of(language).gettext("withheld")
    row, *rest = lines(carried)[1:]
    assert row[2:4] == [word, ""]
    assert [each for each in rest if each and each[0] == word and len(each[1]) > 40]
    content = as_xlsx.written(carried)
    assert table_of(content)[1][2:4] == [word, None]
    about = {row[0]: row[1] for row in table_of(content, load_workbook(io.BytesIO(content)).sheetnames[-1])}
    assert len(str(about[word])) > 40
    assert b'"withheld": true' in as_json.written(carried)


def test_what_withheld_means_is_not_said_where_nothing_is() -> None:
    assert not [each for each in lines(carrying(ROW)) if each and each[0] == "withheld"]


def test_csv_says_of_what_it_is_and_how_its_figures_are_counted() -> None:
    told = {each[0]: each[1:] for each in lines(carrying(ROW))[2:] if each}
    assert told["Position of the ledger"] == ["900"]
    assert told["Checkpoint: log"] == ["a.log/ledger"]
    assert told["Checkpoint: root of the tree"] == ["cm9vdA=="]
    assert told["Definitions: SHA-256"] == [current().digest]
    assert told["Figures"] == ["A note."]
    assert told["I04"][0] == "Progress in the personal situation"
    assert "said at the end that things had become better" in told["I04"][1]
    assert "I05" not in told


@pytest.mark.parametrize("harm", HARMFUL)
def test_no_text_of_a_maker_becomes_a_formula_in_a_spreadsheet(harm: str) -> None:
    carried = carrying({**ROW, "name": harm})
    assert lines(carried)[1][1] == f"'{harm}"
    cell = load_workbook(io.BytesIO(as_xlsx.written(carried)))["Figures"]["B2"]
    assert cell.data_type == "s"
    assert str(cell.value).strip() == harm.strip()


def test_a_text_with_the_other_separator_is_not_cut_in_two_by_it() -> None:
    text = as_csv.written(carrying({**ROW, "name": "a,=cmd"}, language="fr")).decode()
    assert ';"a,=cmd";' in text


def test_each_further_table_stands_below_under_its_title() -> None:
    tables = [Table(code, f"Table {code}", [Column("a", "A")], [{"a": code}]) for code in ("x", "y")]
    assert lines(carrying(tables=tables))[:6] == [["A"], ["x"], [], ["Table y"], ["A"], ["y"]]


def test_a_workbook_has_numbers_dates_and_percentages_as_such() -> None:
    sheet = load_workbook(io.BytesIO(as_xlsx.written(carrying(ROW))))["Figures"]
    cells = {title.value: cell for title, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["Women"].value, cells["Women"].number_format) == (1116, "#,##0")
    assert (cells["Mean (points)"].value, cells["Mean (points)"].number_format) == (-2.5, "#,##0.00")
    assert (cells["Share (%)"].value, cells["Share (%)"].number_format) == (0.73, "0.0%")
    assert (cells["Paid (EUR)"].value, cells["Paid (EUR)"].number_format) == (1234.5, '#,##0.00 "€"')
    assert (str(cells["Day"].value), cells["Day"].number_format) == ("2024-02-29 00:00:00", "yyyy-mm-dd")
    assert str(cells["At (Europe/Brussels)"].value) == "2024-07-01 12:00:05"
    assert cells["Done"].value is True
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:I2")


def test_a_workbook_defines_the_figures_that_occur_and_says_of_what_it_is() -> None:
    content = as_xlsx.written(carrying(ROW))
    heads, *rows = table_of(content, "Definitions")
    assert [row[0] for row in rows] == ["I04"]
    told = dict(zip(heads, rows[0], strict=True))
    assert told["Unit"] == "%"
    assert told["Definition: SHA-256"] == current().digest_of("I04")
    about = {row[0]: row[1] for row in table_of(content, "About")}
    assert about["Position of the ledger"] == "900"
    assert about["Checkpoint: events"] == "900"
    assert about["Definitions: SHA-256"] == current().digest


def test_the_same_view_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    once = as_xlsx.written(carrying(ROW))
    # On another day, at another hour, as far as zip files can tell.
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert as_xlsx.written(carrying(ROW)) == once
    dates = {each.date_time for each in zipfile.ZipFile(io.BytesIO(once)).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_names_of_sheets_are_short_allowed_and_each_once() -> None:
    long = "By CPAS, region and project: all [of] them?"
    tables = [Table("x", long, [Column("a", "A")], []) for _ in range(2)] + [Table("x", "", [Column("a", "A")], [])]
    names = load_workbook(io.BytesIO(as_xlsx.written(carrying(tables=tables)))).sheetnames
    assert names == ["By CPAS, region and project…", "By CPAS, region and project (2)", "-", "Definitions", "About"]


def test_a_text_that_a_workbook_cannot_hold_is_marked_or_cut() -> None:
    rows: list[Mapping[str, Cell]] = [{"name": "a\x00b"}, {"name": "x" * 40_000}]
    sheet = load_workbook(io.BytesIO(as_xlsx.written(carrying(*rows))))["Figures"]
    assert sheet["B2"].value == "a\ufffdb"
    assert len(str(sheet["B3"].value)) == 32_767


def test_an_export_is_bounded() -> None:
    table = Table("x", "X", COLUMNS, [{}] * (MOST_ROWS + 1))
    with pytest.raises(TooLong, match="at most; this one would have"):
        bounded(View("x", "X", (table,)))
    bounded(View("x", "X", (Table("x", "X", COLUMNS, [{}] * MOST_ROWS),)))
