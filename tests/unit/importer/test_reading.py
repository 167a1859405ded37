"""Files as people have them, and files that are not opened."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from miriam_importer.errors import FileRejected
from miriam_importer.reading import grid, guard, read
from miriam_importer.rows import Drafts

Cells = Callable[..., dict[str, Any]]
Fill = Callable[..., Path]
Import = Callable[..., Drafts]
HEADINGS = "Project;Deelname;Nummer van het gesprek;Wat;Datum;Duur in minuten;Plaats;Thema;Casemanager;Reden;Notitie"
ROW = "spp-is:2023-anderlecht-1;p-014;s-1;Gehouden;04/03/2024;50,0;OCMW;Huisvesting;cm-2;;Ze komt later één keer terug"


def data(drafts: Drafts) -> Mapping[str, Any]:
    assert drafts.troubles == []
    (draft,) = drafts.found
    found: Mapping[str, Any] = draft.event["data"]
    return found


def csv_file(tmp_path: Path, content: bytes, name: str = "gesprekken.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with mark"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize(("delimiter", "named"), [(";", "semicolons"), (",", "commas"), ("\t", "tabs")])
def test_a_csv_is_read_whatever_wrote_it_and_says_how(
    tmp_path: Path, interpret: Import, encoding: str, told: str, delimiter: str, named: str
) -> None:
    text = f"{HEADINGS}\r\n{ROW}\r\n".replace("50,0", '"50,0"').replace(";", delimiter)
    path = csv_file(tmp_path, text.encode(encoding))
    assert read(path).form == f"CSV, {named}, {told}"
    found = data(interpret(path))
    assert (found["participation"], found["occurred_on"], found["duration_minutes"]) == (
        "anderlecht:p-014",
        "2024-03-04",
        50,
    )
    assert found["personal"] == {"text": "Ze komt later één keer terug"}


def test_bytes_that_windows_does_not_know_are_latin(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{HEADINGS}\n{ROW}".encode("latin-1") + b"\x81")
    assert read(path).form.endswith("Latin-1")


def test_the_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    table = read(csv_file(tmp_path, f"sep=;\n{HEADINGS}\n{ROW}\n".encode()))
    assert [number for number, _ in table.rows] == [2]


def test_a_note_of_several_lines_is_one_row_and_empty_rows_are_none(tmp_path: Path, interpret: Import) -> None:
    text = f'{HEADINGS}\n;;;;;;;;;;\n{ROW.rpartition(";")[0]};"eerst; dan\r\nlater"\n;\n'
    table = read(csv_file(tmp_path, text.encode()))
    assert [number for number, _ in table.rows] == [3]
    assert data(interpret(table.path))["personal"] == {"text": "eerst; dan\nlater"}


def test_headings_are_known_in_any_language_and_order_below_a_title(tmp_path: Path) -> None:
    heads = "Thème *;participation;SESSION NUMBER;Was;date;Mijn kolom;Duree en minutes;Lieu;Case manager;Projet"
    table = read(csv_file(tmp_path, f"Onze gesprekken\n\n{heads}\nx;y;z;;;;;;;\n".encode()))
    assert (table.sheet.kind, table.heading_row, table.ignored) == ("sessions", 3, ("Mijn kolom",))
    assert set(table.columns) >= {"theme", "participation", "session", "fact", "occurred_on", "place", "project"}
    assert table.language == "fr"
    assert [number for number, _ in table.rows] == [4]


def test_a_template_is_read_without_guessing(fill: Fill, session: Cells, interpret: Import) -> None:
    path = fill("sessions", {2: session(place="À domicile")}, "fr", "spp-is:2023-anderlecht-1")
    table = read(path)
    assert (table.sheet.kind, table.language, table.project) == ("sessions", "fr", "spp-is:2023-anderlecht-1")
    assert data(interpret(path))["place"] == "home"


def test_a_row_without_project_has_that_of_the_template_and_one_with_it_its_own(
    fill: Fill, session: Cells, interpret: Import
) -> None:
    rows = {2: session(1, project=None), 3: session(2)}
    drafts = interpret(fill("sessions", rows, project="spp-is:of-the-template"))
    projects = [draft.event["data"]["project"] for draft in drafts.found]
    assert projects == ["spp-is:of-the-template", "spp-is:2023-anderlecht-1"]
    without = interpret(fill("sessions", rows))
    assert [(trouble.row, trouble.code) for trouble in without.troubles] == [(2, "required")]


def test_cells_of_a_workbook_are_what_they_are(fill: Fill, session: Cells, interpret: Import) -> None:
    found = data(
        interpret(
            fill("sessions", {2: session(session=14, occurred_on=dt.date(2024, 3, 4), duration_minutes=dt.time(1, 30))})
        )
    )
    assert (found["session"], found["occurred_on"], found["duration_minutes"]) == ("anderlecht:14", "2024-03-04", 90)


@pytest.mark.parametrize("mac", [False, True])
def test_a_day_that_lost_its_format_is_still_that_day(fill: Fill, session: Cells, interpret: Import, mac: bool) -> None:
    path = fill("sessions", {2: session()})
    book = load_workbook(path)
    serial = 45355
    if mac:
        book.epoch = CALENDAR_MAC_1904
        serial -= 1462
    cell = book.worksheets[0]["E2"]
    cell.value, cell.number_format = serial, "General"
    book.save(path)
    assert data(interpret(path))["occurred_on"] == "2024-03-04"


def test_a_percentage_is_the_number_that_is_seen(fill: Fill, interpret: Import) -> None:
    row = {
        "project": "spp-is:2023-anderlecht-1", "participation": "p-1", "goal": "g-1", "fact": "Vooruitgang",
        "occurred_on": "04/03/2024", "percent": 0.29,
    }  # fmt: skip
    path = fill("goals", {2: row})
    book = load_workbook(path)
    book.worksheets[0]["G2"].number_format = "0%"
    book.save(path)
    assert data(interpret(path))["percent"] == 29


def test_a_formula_counts_by_its_value_and_one_without_is_no_empty_cell(
    fill: Fill, session: Cells, interpret: Import
) -> None:
    path = fill("sessions", {2: session(duration_minutes="=45+5")})
    (trouble,) = interpret(path).troubles
    assert (trouble.column, trouble.code) == ("Duur in minuten", "cell_formula")
    rewrite(path, "xl/worksheets/sheet1.xml", b"<f>45+5</f><v></v>", b"<f>45+5</f><v>50</v>", b"<f>45+5</f><v />")
    assert data(interpret(path))["duration_minutes"] == 50
    rewrite(path, "xl/worksheets/sheet1.xml", b"<f>45+5</f><v>50</v>", b"<f>45+5</f><v>#REF!</v>")
    rewrite(path, "xl/worksheets/sheet1.xml", b'<c r="F2"', b'<c r="F2" t="e"')
    (trouble,) = interpret(path).troubles
    assert trouble.code == "cell_error"


def test_a_number_beyond_all_bounds_is_a_trouble_of_its_row_alone(
    fill: Fill, session: Cells, interpret: Import
) -> None:
    path = fill("sessions", {2: session(1, duration_minutes=54_321), 3: session(2)})
    rewrite(path, "xl/worksheets/sheet1.xml", b"<v>54321</v>", b"<v>1E+999</v>")
    found = interpret(path)
    assert [(trouble.row, trouble.code) for trouble in found.troubles] == [(2, "cell_error")]
    assert len(found.found) == 1


def rewrite(path: Path, part: str, old: bytes, new: bytes, other: bytes = b"") -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[part]
    parts[part] = before.replace(old, new)
    if other:
        parts[part] = parts[part].replace(other, new)
    assert parts[part] != before
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_hidden_rows_are_read_and_counted(fill: Fill, session: Cells) -> None:
    path = fill("sessions", {2: session(1), 3: session(2), 5: session(3)})
    book = load_workbook(path)
    book.worksheets[0].row_dimensions[3].hidden = True
    book.save(path)
    table = read(path)
    assert ([number for number, _ in table.rows], table.hidden_rows) == ([2, 3, 5], 1)


def test_a_workbook_that_is_no_template_of_ours_is_read_by_its_headings(tmp_path: Path, interpret: Import) -> None:
    book = Workbook()
    book.worksheets[0].append(["Van alles"])
    page = book.create_sheet("Gesprekken 2024")
    page.append(HEADINGS.split(";"))
    page.append(ROW.split(";"))
    path = tmp_path / "eigen.xlsx"
    book.save(path)
    assert read(path).title == "Gesprekken 2024"
    assert data(interpret(path))["theme"] == "housing"


# -- what is not read -----------------------------------------------------------------------------------------------


def rejected(path: Path, kind: str = "") -> str:
    with pytest.raises(FileRejected) as problem:
        read(path, kind)
    assert problem.value.next_step
    return str(problem.value)


def test_a_file_with_macros_is_not_read(fill: Fill, session: Cells) -> None:
    path = fill("sessions", {2: session()})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "macros" in rejected(path)


def test_a_kind_with_macros_is_not_read_whatever_its_name(fill: Fill, session: Cells) -> None:
    path = fill("sessions", {2: session()})
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    rewrite(path, "[Content_Types].xml", plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    assert "macros" in rejected(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_not_read(fill: Fill, session: Cells, encoding: str) -> None:
    path = fill("sessions", {2: session()})
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'.encode(encoding)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/extra.xml", bomb)
    assert "entities" in rejected(path)


def test_what_would_swell_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(guard.MOST_INFLATED // 2**20 + 1):
                part.write(b" " * 2**20)
    assert path.stat().st_size < grid.MOST_BYTES

    def unpacked(*_: Any) -> bytes:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "read", unpacked)
    assert "unpacked" in rejected(path)


def test_more_bytes_than_are_read_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(grid.MOST_BYTES + 1)
    assert str(grid.MOST_BYTES) in rejected(path)


def test_more_rows_than_are_read_are_said(tmp_path: Path) -> None:
    lines = [HEADINGS, *([ROW] * (grid.MOST_ROWS + 1))]
    assert "more than 50000 rows" in rejected(csv_file(tmp_path, "\n".join(lines).encode()))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (b"\x89PNG\r\n\x00\x00", "neither"),
        (b"een;twee\n1;2\n", "headings"),
        (b"Deelname;Wat;Datum\n1;2;3\n", "do not say which"),
        (f"{HEADINGS};Thema\n{ROW};x\n".encode(), "two columns"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in rejected(csv_file(tmp_path, content))


def test_a_zip_that_is_no_workbook_is_not_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", b"no")
    assert "no Excel workbook" in rejected(csv_file(tmp_path, out.getvalue(), "x.xlsx"))


def test_columns_that_no_row_can_do_without_are_named(tmp_path: Path) -> None:
    said = rejected(csv_file(tmp_path, b"Deelname;Wat;Thema\n1;2;3\n"), "sessions")
    assert said == "columns are missing: Nummer van het gesprek, Datum"


def test_a_workbook_of_garbage_is_said_to_be_unreadable(fill: Fill, session: Cells) -> None:
    path = fill("sessions", {2: session()})
    rewrite(path, "xl/worksheets/sheet1.xml", b"<row", b"<rouw")
    rewrite(path, "xl/workbook.xml", b"<sheets>", b"<shits>")
    assert "cannot be read" in rejected(path)
