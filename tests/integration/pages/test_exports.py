"""What a page shows, as files: the same numbers, with all that says of what they are, noted before they are given."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from openpyxl import load_workbook
from pages_scenario import EDITION, Pages

from miriam_reporting.audit import access
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.model import TreeHead

REPORT = f"/editions/{EDITION}"


def newest(pages: Pages) -> access.Look:
    with pages.office.owner as connection:
        return access.newest(connection, access.Asked(), 1)[0]


@contextmanager
def no_access_log(pages: Pages) -> Iterator[None]:
    """While nothing can be noted."""
    signature = "access.look(text, text, jsonb, text, text, bigint, bigint)"
    role = pages.office.app.info.user
    with pages.office.owner as connection, connection.cursor() as cursor:
        cursor.execute(f"revoke execute on function {signature} from {role}")
    try:
        yield
    finally:
        with pages.office.owner as connection, connection.cursor() as cursor:
            cursor.execute(f"grant execute on function {signature} to {role}")


def test_json_csv_and_workbook_have_the_same_figures(pages: Pages) -> None:
    reader = pages.reader("auditor")
    told = orjson.loads(reader.get(f"{REPORT}?format=json").data)
    rows = told["tables"][0]["rows"]
    text = reader.get(f"{REPORT}?format=csv").data.decode("utf-8-sig")
    from_csv = list(csv.reader(io.StringIO(text, newline="")))[1 : len(rows) + 1]
    book = load_workbook(io.BytesIO(reader.get(f"{REPORT}?format=xlsx").data))
    from_book = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert len(rows) == len(from_book) > 50
    for row, fields, cells in zip(rows, from_csv, from_book, strict=True):
        assert fields == ["" if value is None else str(value) for value in row.values()]
        wanted = [None if row[key] is None else float(row[key]) for key in ("value", "numerator", "denominator")]
        assert [cells[2], cells[4], cells[5]] == wanted


@pytest.mark.parametrize("address", [REPORT, "/editions"])
def test_each_export_carries_position_checkpoint_and_definitions(pages: Pages, address: str) -> None:
    told = orjson.loads(pages.reader("authority").get(f"{address}?format=json").data)
    with pages.office.owner as connection:
        head = TreeHead(pages.office.log.verifier.name, told["position"], root_at(connection, told["position"]))
    assert told["position"] > 0
    assert told["checkpoint"] == head.as_json()
    assert (told["definitions"], told["definitions_digest"]) == ("current", current().digest)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_an_export_is_a_file_noted_with_who_took_it_and_how_many_rows(pages: Pages, form: str) -> None:
    position = orjson.loads(pages.reader("authority").get(f"{REPORT}?format=json").data)["position"]
    before = newest(pages).id
    answer = pages.reader("authority").get(f"{REPORT}?format={form}")
    assert answer.status_code == 200
    assert f".{form}" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    look = newest(pages)
    assert look.id == before + 1
    assert (look.actor, look.kind, look.view) == ("authority.tester", "export", "report")
    assert look.what == {"format": form, "edition": EDITION, "page": "report.report"}
    assert (look.rows or 0) > 50
    assert look.as_of == position


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_what_cannot_be_noted_is_not_given(pages: Pages, form: str) -> None:
    reader = pages.reader("auditor")
    with no_access_log(pages):
        answer = reader.get(f"{REPORT}?format={form}")
    assert answer.status_code == 500
    assert "Content-Disposition" not in answer.headers
    assert reader.get(f"{REPORT}?format={form}").status_code == 200


def test_a_page_that_is_looked_at_is_no_export(pages: Pages) -> None:
    pages.reader("authority").get(f"{REPORT}?format=json")
    before = newest(pages).id
    assert pages.reader("authority").get(REPORT).status_code == 200
    assert newest(pages).id == before


@pytest.mark.parametrize("form", ["docx", "", "JSON", "pdf"])
def test_another_form_is_no_page(pages: Pages, form: str) -> None:
    answer = pages.reader("authority").get(f"/editions?format={form}")
    assert answer.status_code == 404


def test_a_page_without_tables_is_not_exported(pages: Pages) -> None:
    assert pages.reader().get("/accessibility?format=csv").status_code == 404


def test_an_export_is_in_the_language_of_its_reader(pages: Pages) -> None:
    answer = pages.reader("auditor", language="nl").get(f"{REPORT}?format=csv").data.decode("utf-8-sig")
    assert answer.splitlines()[0].startswith('"Code";')
    assert '"Positie van het register";' in answer


def test_the_same_page_exported_twice_is_the_same_file(pages: Pages) -> None:
    reader = pages.reader("auditor")
    for form in ("csv", "xlsx", "json"):
        assert reader.get(f"{REPORT}?format={form}").data == reader.get(f"{REPORT}?format={form}").data


@pytest.mark.parametrize("query", ["", "&before=3", "&page=2"])
def test_an_export_of_a_long_list_has_all_of_it(pages: Pages, query: str) -> None:
    for _ in range(60):
        access.note(pages.app.extensions["miriam.database"], "operator.tester", "a long list", {})
    reader = pages.reader("dpo", purpose="all looks")
    last = newest(pages).id
    told = orjson.loads(reader.get(f"/access-log?format=json{query}").data)
    assert [row["id"] for row in told["tables"][0]["rows"]] == list(range(last, 0, -1))


def test_a_list_that_is_too_long_is_refused_with_words(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miriam_reporting.web.exports.MOST_ROWS", 10)
    reader = pages.reader("auditor")
    before = newest(pages).id
    answer = reader.get(f"{REPORT}?format=csv")
    assert answer.status_code == 422
    assert "an export has 10 rows at most" in answer.get_data(as_text=True)
    assert newest(pages).id == before


def test_who_may_not_see_a_page_may_not_export_it(pages: Pages) -> None:
    assert pages.reader("operator").get(f"{REPORT}?format=csv").status_code == 403
    assert pages.reader().get(f"{REPORT}?format=csv").status_code == 303
