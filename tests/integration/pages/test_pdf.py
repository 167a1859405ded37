"""The report as a PDF that can be sent on: whole, tagged, in its reader's language, made of nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal

import orjson
import pytest
from invent import REPORT as PUBLISHED
from pages_scenario import EDITION, Pages

from miriam_reporting.audit import access
from miriam_reporting.reports.definitions import current
from miriam_reporting.web.exports import as_pdf
from miriam_reporting.web.exports.carried import Carried
from miriam_reporting.web.exports.rendering import NotShown, rendered
from miriam_reporting.web.guard import asked_now
from miriam_reporting.web.languages import Format
from miriam_reporting.web.view import WITHHELD, Cell, Column, Table, View

REPORT = f"/editions/{EDITION}"
LANGUAGES = {"fr": ("Page", "sur"), "nl": ("Pagina", "van"), "de": ("Seite", "von"), "en": ("Page", "of")}


def read(program: str, content: bytes, *options: str) -> str:
    """What a program of poppler says of a PDF."""
    assert shutil.which(program), f"{program} is not installed (poppler-utils): run `make test`, which installs it"
    arguments = [program, *options, "-", *(["-"] if program == "pdftotext" else [])]
    return subprocess.run(arguments, input=content, capture_output=True, check=True).stdout.decode()


def words(content: bytes) -> str:
    """The text, without the breaks of lines."""
    return re.sub(r"\s+", " ", read("pdftotext", content, "-layout"))


def opened(content: bytes) -> bytes:
    """What stands in its objects, which are packed."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    # A last byte that looks like the break of a line was cut off: it is of the checksum, which is not needed here.
    return b"\n".join(zlib.decompressobj().decompress(each) for each in packed if each.startswith(b"x"))


def small(pages: Pages, language: str, rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """A PDF with one table, which is made sooner than a report."""
    table = Table("women", "Women by CPAS", [Column("place", "CPAS"), Column("women", "Women", "number")], rows)
    view = View("published", "A published report", [table], EDITION, 900, None, {"origin": "o"}, "current")
    with pages.app.test_request_context("/", headers={"Accept-Language": language}):
        pages.app.preprocess_request()
        content: bytes = as_pdf.written(Carried(view, current(), False, asked_now()), "pdf.html", {})
    return content


def told(content: bytes, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*)$", read("pdfinfo", content), re.MULTILINE)
    assert found, name
    return str(found[1])


@pytest.fixture(scope="module")
def report(pages: Pages) -> bytes:
    answer = pages.reader("authority").get(f"{REPORT}?format=pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert f'filename="miriam-report-{EDITION}-' in answer.headers["Content-Disposition"]
    content: bytes = answer.data
    return content


def test_the_pdf_has_every_figure_of_the_page_and_says_where_they_come_from(pages: Pages, report: bytes) -> None:
    view = orjson.loads(pages.reader("authority").get(f"{REPORT}?format=json").data)
    text = words(report)
    table = re.sub(r"\s+", "", text)
    for row in view["tables"][0]["rows"]:
        assert row["code"] in text
        if row["value"] is not None:
            assert Format("en").number(Decimal(str(row["value"]))) in table
    for name in ("size", "root", "origin"):
        assert str(view["checkpoint"][name]) in table
    assert view["definitions_digest"] in table
    assert Format("en").number(view["position"]) in text
    for each in view["figures"]:
        assert f"{each['code']} · {each['name']}" in text
        assert re.sub(r"\W", "", each["rule"]) in re.sub(r"\W", "", read("pdftotext", report).replace("‐\n", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_is_in_its_readers_language_with_numbered_pages(pages: Pages, language: str) -> None:
    content = small(pages, language, [{"place": f"Place {number}", "women": number} for number in range(60)])
    page, of = LANGUAGES[language]
    text, count = words(content), int(told(content, "Pages"))
    assert count > 3
    assert [f"{page} {number} {of} {count}" in text for number in range(2, count + 1)] == [True] * (count - 1)
    assert f"/Lang ({language})".encode() in opened(content)


def test_a_pdf_is_tagged_for_those_who_cannot_see_it(pages: Pages, report: bytes) -> None:
    structure = read("pdfinfo", report, "-struct")
    assert told(report, "Tagged") == "yes"
    assert b'pdfuaid:part="1"' in opened(report)
    for element in ("H1", "H2", "Table", "Caption", "TH", "TD", "Figure", "L "):
        assert re.search(rf"^\s+{element}", structure, re.MULTILINE), element
    page = pages.reader("authority").get(REPORT).get_data(as_text=True)
    pictures = page.count('<img src="/editions/')
    assert pictures > 1
    assert len(re.findall(r"^\s+Figure", structure, re.MULTILINE)) == opened(report).count(b"/Alt") == pictures


def test_a_pdf_has_its_fonts_bookmarks_and_title_and_no_date(report: bytes) -> None:
    fonts = read("pdffonts", report).splitlines()[2:]
    assert fonts
    assert all(re.search(r" yes yes yes +\d+ +\d+$", font) for font in fonts)
    assert {re.split(r"[+ ]", font)[1].removesuffix("-Bold") for font in fonts} >= {"Liberation-Sans"}
    assert told(report, "Title") == f"Edition {EDITION}"
    assert opened(report).count(b"/Dest") > 5
    assert b"/CreationDate" not in opened(report) + report


def test_the_same_report_is_the_same_pdf(pages: Pages, report: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weasyprint.pdf.metadata.uuid4", lambda: pytest.fail("an id by chance"))
    assert pages.reader("authority").get(f"{REPORT}?format=pdf").data == report


def test_a_pdf_is_noted_before_it_is_given(pages: Pages, report: bytes) -> None:
    assert report
    with pages.office.owner as connection:
        look = access.newest(connection, access.Asked("authority.tester", "export"), 1)[0]
    assert (look.what["format"], look.view) == ("pdf", "report")


def test_a_cpas_gets_a_pdf_of_its_own_figures(pages: Pages) -> None:
    answer = pages.reader("cpas").get(f"{REPORT}?format=pdf")
    assert answer.status_code == 200
    shown = orjson.loads(pages.reader("cpas").get(f"{REPORT}?format=json").data)
    assert shown["title"] in words(answer.data)


def test_anybody_has_a_pdf_of_what_was_published(pages: Pages) -> None:
    answer = pages.reader().get(f"/published/{PUBLISHED}?format=pdf")
    assert answer.status_code == 200
    text = words(answer.data)
    told = orjson.loads(pages.reader().get(f"/published/{PUBLISHED}?format=json").data)
    assert "It was restated: Late facts were counted." in text
    assert told["definitions"] == PUBLISHED
    assert told["definitions_digest"] in text
    withheld = [row for row in told["tables"][0]["rows"] if row["value"] == {"withheld": True}]
    assert withheld
    assert text.count("withheld") > len(withheld)
    with pages.office.owner as connection:
        look = access.newest(connection, access.Asked("public.anybody"), 2)
    assert {each.what["format"] for each in look} == {"pdf", "json"}


def test_the_pdf_is_offered_where_there_is_one_and_nowhere_else(pages: Pages) -> None:
    reader = pages.reader("authority")
    assert "format=pdf" in reader.get(REPORT).get_data(as_text=True)
    assert "format=pdf" not in reader.get("/editions").get_data(as_text=True)
    assert "format=csv" in reader.get("/editions").get_data(as_text=True)


def test_withheld_is_said_and_explained_in_a_pdf(pages: Pages) -> None:
    text = words(small(pages, "en", [{"place": "Alpha", "women": WITHHELD}, {"place": "Beta", "women": 12}]))
    assert re.search(r"Alpha withheld Beta 12", text)
    assert "so that nobody can be recognised by it. It is not zero." in text


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:9/x.svg">',
        '<img src="//127.0.0.1:9/x.svg">',
        '<img src="https://elsewhere.example/static/icon.svg">',
        '<img src="file:///etc/hostname">',
        '<img src="data:image/svg+xml,&lt;svg xmlns=%22http://www.w3.org/2000/svg%22/&gt;">',
        '<style>@import "http://127.0.0.1:9/x.css";</style>',
        '<style>p { background: url("file:///etc/hostname") }</style><p>x</p>',
        '<link rel="attachment" href="file:///etc/hostname">',
        # Of these pages, but no picture; a picture that is not there; one that its reader may not see.
        '<img src="/accessibility">',
        '<img src="/static/nothing.svg">',
        f'<img src="/editions/{EDITION}/pictures/goals.svg">',
    ],
)
def test_a_pdf_shows_nothing_but_what_its_reader_may_see_here(pages: Pages, html: str) -> None:
    with pages.app.test_request_context("/"):
        pages.app.preprocess_request()
        with pytest.raises(NotShown):
            rendered(f"<!doctype html><html lang=en><title>x</title><body>{html}", "en")


def test_a_pdf_shows_the_style_and_pictures_of_these_pages(pages: Pages) -> None:
    reader = pages.reader("auditor")
    cookie = reader.client.get_cookie("miriam")
    assert cookie
    images: Sequence[str] = ("/static/icon.svg", f"/editions/{EDITION}/pictures/goals.svg")
    html = "".join(f'<img alt="x" src="{each}">' for each in images)
    with pages.app.test_request_context("/", headers={"Cookie": f"miriam={cookie.value}"}):
        pages.app.preprocess_request()
        head = '<!doctype html><html lang=en><title>x</title><link rel=stylesheet href="/static/pdf.css"><body>'
        assert rendered(head + html, "en").startswith(b"%PDF-1.7")
