"""Data quality: every figure of it, with what it means and what to do, by CPAS; a CPAS sees its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pages_scenario import EDITION, Pages, Reader

from miriam_reporting.reports.current import report

ADDRESS = f"/editions/{EDITION}/quality"


def _tables(reader: Reader) -> dict[str, list[dict[str, Any]]]:
    told = json.loads(reader.get(f"{ADDRESS}?format=json").data)
    return {table["code"]: table["rows"] for table in told["tables"]}


def test_each_figure_of_quality_is_there_as_the_report_gives_it(pages: Pages) -> None:
    found = report(pages.office.app, EDITION).as_report().figures
    wanted = {each.code: each.numerator for each in found if each.code.startswith("D") and not each.part}
    assert len(wanted) >= 7
    shown = {row["code"]: row["numerator"] for row in _tables(pages.reader("auditor"))["quality"]}
    assert wanted.items() <= shown.items()


def test_each_figure_is_told_by_cpas(pages: Pages) -> None:
    found = report(pages.office.app, EDITION, None, ("cpas",)).as_report().figures
    wanted = {(each.by["cpas"], each.value) for each in found if each.code == "D03" and not each.part}
    rows = _tables(pages.reader("authority"))["by_cpas"]
    shown = {(row["id"], row["D03 "]) for row in rows if row["D03 "] is not None}
    assert shown == {pair for pair in wanted if pair[1] is not None}


@pytest.mark.parametrize("code", ["D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08"])
def test_what_each_means_and_what_to_do_is_told(pages: Pages, code: str) -> None:
    page = pages.reader("auditor").get(ADDRESS).get_data(as_text=True)
    section = page.split(f'id="about-{code}"')[1].split("</section>")[0]
    assert section.count("<p>") >= 2
    assert "What to do:" in section


def test_a_cpas_sees_its_own_quality_alone(pages: Pages) -> None:
    found = report(pages.office.app, EDITION, None, ("cpas",)).as_report().figures
    own = {
        each.code: each.numerator
        for each in found
        if each.code.startswith("D") and not each.part and each.by["cpas"] == pages.cpas
    }
    tables = _tables(pages.reader("cpas"))
    assert "by_cpas" not in tables
    shown = {row["code"]: row["numerator"] for row in tables["quality"]}
    assert own.items() <= shown.items()
    assert "D08" not in shown
