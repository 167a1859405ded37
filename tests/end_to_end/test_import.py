"""A CPAS with nothing but a spreadsheet: a template, thirty sessions in Dutch, answers beside the rows."""

from __future__ import annotations

import json
import shutil
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from running_platform import RunningPlatform

from miriam_importer import words
from miriam_importer.sheets import SHEETS

CPAS = "anderlecht"
SECRET = "Marie-Zephyrine Vandenborre"
HELD = {
    "project": "spp-is:2023-anderlecht-1",
    "participation": "p-014",
    "fact": "Gehouden",
    "duration_minutes": 50,
    "place": "OCMW",
    "theme": "Huisvesting",
    "case_manager": "cm-2",
}
BAD = {5: ("duration_minutes", 900), 11: ("place", "kantine"), 23: ("occurred_on", "2/10/23")}
GOOD = {5: 90, 11: "Aan huis", 23: "02/10/2023"}


@dataclass(frozen=True)
class Desk:
    """A desk of the CPAS, and what lies on it."""

    platform: RunningPlatform
    folder: Path
    before: int

    def recorded(self) -> int:
        """How many events sessions recorded since the desk was set up."""
        return self.platform.recorded()["sessions"] - self.before

    def template(self, kind: str, language: str = "nl") -> Path:
        path = self.folder / f"{kind}.xlsx"
        self.platform.miriam("import", "template", kind, "--lang", language, "--out", str(path))
        return path

    def fill(self, path: Path, kind: str, rows: Mapping[int, Mapping[str, Any]]) -> Path:
        """Write cells into the rows of a file, by the key of their column."""
        keys = [column.key for column in SHEETS[kind].columns]
        book = load_workbook(path)
        for number, cells in rows.items():
            for key, value in cells.items():
                book.worksheets[0].cell(number, keys.index(key) + 1).value = value
        book.save(path)
        return path

    def send(self, path: Path, code: int, *options: str) -> dict[str, Any]:
        told: dict[str, Any] = self.platform.miriam(
            "import", str(path), "--as", CPAS, *(options or ("--yes",)), codes=(code,)
        )
        return told

    def statuses(self, told: Mapping[str, Any]) -> Counter[str]:
        return Counter(each["status"] for each in told["answers"])


@pytest.fixture(scope="module")
def desk(platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    platform.miriam("cpas", "add", CPAS)
    return Desk(platform, tmp_path_factory.mktemp("desk"), platform.recorded()["sessions"])


def test_thirty_sessions_of_which_three_are_bad(desk: Desk) -> None:
    path = desk.template("sessions")
    rows = {n: {**HELD, "session": f"s-{n}", "occurred_on": f"{n % 28 + 1:02}/03/2024"} for n in range(2, 32)}
    rows[7]["personal/text"] = SECRET
    for number, (key, value) in BAD.items():
        rows[number][key] = value
    desk.fill(path, "sessions", rows)

    seen = desk.send(path, 1, "--dry-run")
    assert (seen["would"]["new"], seen["rows_with_problems"]) == (27, 3)
    assert [(each["row"], each["column"]) for each in seen["problems"]] == [
        (5, "Duur in minuten"),
        (11, "Plaats"),
        (23, "Datum"),
    ]
    assert "toegestaan: 1..720" in seen["problems"][0]["why"]
    assert "Aan huis" in seen["problems"][1]["allowed"]
    assert "vier cijfers" in seen["problems"][2]["why"]
    assert desk.recorded() == 0

    told = desk.send(path, 1)
    assert desk.statuses(told) == {"recorded": 27, "problem": 3}
    assert desk.recorded() == 27
    assert SECRET not in json.dumps(told)
    copy = Path(told["written"])
    assert copy.name == "sessions.answers.xlsx"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    sheet = load_workbook(copy).worksheets[0]
    heads = {cell.value: int(cell.column or 0) for cell in sheet[1]}
    status, why = heads[words.heading("status", "nl")], heads[words.heading("why", "nl")]
    assert [sheet.cell(n, status).value for n in (4, 5)] == ["Geregistreerd", "Niet verzonden: te verbeteren"]
    assert sheet.cell(5, why).value == seen["problems"][0]["why"]

    again = desk.send(path, 1)
    assert desk.statuses(again) == {"known": 27, "problem": 3}
    assert again["would"]["new"] == 0
    assert Path(again["written"]).name == "sessions.answers-2.xlsx"

    # The copy with the answers is what she mends.
    desk.fill(copy, "sessions", {number: {BAD[number][0]: good} for number, good in GOOD.items()})
    mended = desk.send(copy, 0)
    assert (mended["would"]["new"], mended["would"]["known"]) == (3, 27)
    assert desk.statuses(mended) == {"known": 27, "recorded": 3}
    assert desk.recorded() == 30

    # On another machine, over the other door, nothing is known of it: the service knows each row again.
    elsewhere = desk.send(copy, 0, "--yes", "--over", "http", "--spool", str(desk.folder / "elsewhere.spool"))
    assert elsewhere["would"]["new"] == 30
    assert desk.statuses(elsewhere) == {"known": 30}
    assert desk.recorded() == 30


def test_a_recorded_row_is_corrected_with_a_reason_and_taken_back_for_good(desk: Desk) -> None:
    path = desk.template("referrals", "fr")
    row: dict[str, Any] = {
        "project": "spp-is:2023-anderlecht-1",
        "participation": "p-020",
        "referral": 7,
        "fact": "Orientation faite",
        "occurred_on": "4.3.2024",
        "domain": "Santé",
        "partner": "Santé mentale",
    }
    sheet = "referrals"
    first = desk.send(desk.fill(path, sheet, {2: row}), 0)
    assert desk.statuses(first) == {"recorded": 1}
    before = desk.platform.recorded()["sessions"]

    changed = desk.send(desk.fill(path, sheet, {2: {"domain": "Logement"}}), 1)
    assert "Raison de la correction" in changed["problems"][0]["why"]
    assert desk.platform.recorded()["sessions"] == before

    desk.fill(path, sheet, {2: {"correction": "Faute de frappe"}})
    assert desk.statuses(desk.send(path, 0)) == {"corrected": 1}
    assert desk.statuses(desk.send(path, 0)) == {"known": 1}
    desk.fill(path, sheet, {2: {"partner": "Logement"}})
    assert desk.statuses(desk.send(path, 0)) == {"corrected": 1}
    assert desk.statuses(desk.send(path, 0)) == {"known": 1}

    desk.fill(path, sheet, {2: {"withdraw": "Oui"}})
    assert desk.statuses(desk.send(path, 0)) == {"withdrawn": 1}
    assert desk.statuses(desk.send(path, 0)) == {"withdrawn": 1}
    gone = desk.send(desk.fill(path, sheet, {2: {"withdraw": None}}), 1)
    assert "a été retirée" in gone["problems"][0]["why"]
    assert desk.platform.recorded()["sessions"] == before + 3

    bodies = desk.platform.ask("sessions", "select body from event_store.event order by sequence desc limit 3")
    kinds = [json.loads(body)["type"] for (body,) in bodies]
    assert kinds == ["miriam.referral.retracted.v1", *["miriam.referral.corrected.v1"] * 2]


def test_a_refusal_stands_beside_the_row_of_the_woman_concerned_and_the_row_is_mended(desk: Desk) -> None:
    groups = desk.template("groups", "de")
    base = {"project": "spp-is:2023-anderlecht-1", "group": "g-1"}
    rows: dict[int, dict[str, Any]] = {
        2: {**base, "fact": "Tritt der Gruppe bei", "participation": "p-1", "occurred_on": "05.03.2024"},
        3: {**base, "fact": "Gruppe gegründet", "occurred_on": "01.03.2024"},
        4: {**base, "fact": "Tritt der Gruppe bei", "participation": "p-2", "occurred_on": "20.03.2024"},
    }
    assert desk.statuses(desk.send(desk.fill(groups, "groups", rows), 0)) == {"recorded": 3}

    path = desk.template("attendance", "de")
    held = {**base, "groupsession": "gs-1", "occurred_on": "12-03-2024", "duration_minutes": "1:30", "theme": "Wohnen"}
    held["case_manager"] = "cm-2"
    desk.fill(
        path,
        "attendance",
        {
            2: {**held, "participation": "p-1", "presence": "Anwesend"},
            3: {**held, "participation": "p-2", "presence": "Abwesend"},
        },
    )
    told = desk.send(path, 1)
    first, second = told["answers"]
    assert first["status"] == second["status"] == "refused"
    assert "Zeile 3" in first["why"]
    assert "nicht zur Gruppe" in second["why"]
    sheet = load_workbook(path)
    sheet.worksheets[0].delete_rows(3)
    sheet.save(path)
    again = desk.send(path, 0)
    assert again["would"]["again"] == 1
    assert desk.statuses(again) == {"recorded": 1}


def test_a_csv_of_windows_is_answered_in_a_csv(desk: Desk) -> None:
    path = desk.folder / "sorties.csv"
    text = (
        "Projet;Participation;Quoi;Date;Raison;Certificat;Note\r\n"
        f"spp-is:2023-anderlecht-1;p-099;Sortie;29/02/2024;Déménagement;non;{SECRET} a déménagé\r\n"
    )
    path.write_bytes(text.encode("cp1252"))
    told = desk.send(path, 1)
    assert told["read_as"] == "CSV, semicolons, Windows-1252"
    assert desk.statuses(told) == {"refused": 1}
    copy = Path(told["written"]).read_text("utf-8-sig").splitlines()
    assert copy[0].endswith("Réponse de Miriam;Numéro chez Miriam;Pourquoi")
    assert "Refusé" in copy[1]
    shutil.rmtree(desk.folder)
