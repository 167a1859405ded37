"""A report as of a position or a day: the same bytes for ever, wherever and whenever it is asked for."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from werkzeug.wrappers import Request

from miriam_platform.database import Database
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.reports import compute, explain
from miriam_reporting.reports.as_of import BadAsOf, NoCheckpointYet, answered, resolve
from miriam_reporting.reports.http import ReportAnswers
from miriam_reporting.reports.model import LEVELS

Programme = Any


def test_a_report_as_of_a_position_is_the_same_bytes_for_ever(programme: Programme) -> None:
    position = programme.sign_head()
    arguments = ("report", "2023", "--as-of", str(position), "--by", "cpas", "--json")
    explaining = ("explain", "2023", "I08", "--as-of", str(position), "--json")
    before = [miriam(programme, *arguments, seed="0"), miriam(programme, *explaining, seed="0")]
    assert json.loads(before[0])["checkpoint"]["size"] == position

    def same() -> bool:
        return [miriam(programme, *arguments, seed="7"), miriam(programme, *explaining, seed="random")] == before

    first = next(key for key, fact in programme.ledger.facts.items() if fact.kind == "session.held")
    programme.support("alpha:w8")
    programme.ledger.correct(first, duration_minutes=5)
    woman = next(fact for fact in programme.ledger.facts.values() if fact.kind == "participation.enrolled")
    programme.fact("person.erased", person=woman.data["person"])
    programme.fact("key.destroyed", participation="alpha:w1", because_of=first, ground="erased", blocks=1)
    programme.load()
    programme.sign_head()
    assert same(), "after more events, a correction and an erasure"
    assert miriam(programme, "report", "2023", "--json") != before[0]
    rebuild(programme.access.owner_url, programme.access.app_role)
    assert same(), "after a rebuild"


def test_an_erasure_changes_no_figure_also_at_the_head(programme: Programme) -> None:
    before = compute(programme.app, "2023", None, LEVELS).as_json()
    woman = next(fact for fact in programme.ledger.facts.values() if fact.kind == "participation.enrolled")
    erased = programme.fact("person.erased", person=woman.data["person"])
    for service in ("intake", "sessions"):
        programme.fact(
            "key.destroyed",
            service=service,
            participation=woman.data["participation"],
            because_of=erased,
            ground="erased",
            blocks=2,
        )
    programme.load()
    after = compute(programme.app, "2023", None, LEVELS).as_json()
    assert after["position"] == before["position"] + 3
    assert after["figures"] == before["figures"]
    assert after["overlaps"] == before["overlaps"]


def miriam(programme: Programme, *arguments: str, seed: str = "0", code: int = 0) -> str:
    """What the command prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from miriam_cli.main import main; main()", *arguments],
        env={
            **os.environ,
            "MIRIAM_REPORTING_DATABASE_URL": programme.access.app_url,
            "PYTHONHASHSEED": seed,
            "MIRIAM_LANG": "en",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout + (done.stderr if code else "")


@pytest.fixture
def days(programme: Programme) -> dict[str, int]:
    """Heads signed on three days, the last of them twice; the day in Brussels begins before that of UTC."""
    sizes: dict[str, int] = {}
    for moment in (
        "2024-05-06T08:00:00+00:00", "2024-05-06T21:59:59+00:00", "2024-05-06T22:00:00+00:00",
        "2024-05-09T10:00:00+00:00",
    ):  # fmt: skip
        programme.support(f"alpha:w{20 + len(sizes)}")
        programme.load()
        sizes[moment] = programme.sign_head(at=dt.datetime.fromisoformat(moment))
    return sizes


def test_a_day_means_the_last_head_signed_until_its_end_in_brussels(programme: Programme, days: dict[str, int]) -> None:
    sizes = list(days.values())
    for day, position, of in (
        ("2024-05-06", sizes[1], "2024-05-06"),
        ("2024-05-07", sizes[2], "2024-05-07"),
        ("2024-05-08", sizes[2], "2024-05-07"),
        ("2024-05-09", sizes[3], "2024-05-09"),
        ("2024-06-30", sizes[3], "2024-05-09"),
    ):
        found = resolve(programme.app, day)
        assert (found.asked, found.position, found.day) == (day, position, of)
        assert found.is_earlier_day == (day != of)


def test_the_answer_names_the_day_asked_the_position_and_the_head(programme: Programme, days: dict[str, int]) -> None:
    told = json.loads(miriam(programme, "report", "2023", "--as-of", "2024-05-08", "--json"))
    position = list(days.values())[2]
    assert (told["as_of"], told["as_of_day"], told["position"]) == ("2024-05-08", "2024-05-07", position)
    assert told["checkpoint"]["size"] == position
    by_position = json.loads(miriam(programme, "report", "2023", "--as-of", str(position), "--json"))
    assert by_position["figures"] == told["figures"]
    assert "as_of_day" not in by_position
    shown = " ".join(miriam(programme, "report", "2023", "--as-of", "2024-05-08").split())
    assert "On 2024-05-08 no head of the ledger was signed: the last before it, of 2024-05-07" in shown
    explained = json.loads(miriam(programme, "explain", "2023", "I01", "--as-of", "2024-05-06", "--json"))
    assert explained["position"] == list(days.values())[1]


def test_a_day_without_a_head_before_it_is_told_so(programme: Programme, days: dict[str, int]) -> None:
    with pytest.raises(NoCheckpointYet, match="the first head was signed on 2024-05-06"):
        resolve(programme.app, "2024-05-05")
    shown = miriam(programme, "report", "2023", "--as-of", "2024-05-05", code=2)
    assert "the first head was signed on 2024-05-06" in " ".join(shown.split())


def test_before_any_head_a_day_is_told_so(programme: Programme) -> None:
    with pytest.raises(NoCheckpointYet, match="no head was signed so far"):
        resolve(programme.app, "2024-05-05")


def test_what_is_neither_position_nor_a_day_that_was_is_refused(programme: Programme) -> None:
    for text in ("2024-13-01", "yesterday", "-1", "1_0", "٣", "2024-05-05T10:00:00Z", "9" * 19, ""):
        with pytest.raises(BadAsOf):
            resolve(programme.app, text)
    with pytest.raises(BadAsOf, match="has not been yet"):
        resolve(programme.app, "2024-05-06", today="2024-05-05")
    assert resolve(programme.app, 12).position == resolve(programme.app, "0012").position == 12
    assert resolve(programme.app, None).position is None


def test_the_head_of_a_report_is_that_of_its_position_and_not_the_newest(programme: Programme) -> None:
    early = programme.sign_head()
    programme.support("alpha:w9")
    programme.load()
    programme.sign_head()
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select root from ledger.checkpoint where size = %s", (early,))
        ((root,),) = cursor.fetchall()
    report = answered(programme.app, compute(programme.app, "2023", early))
    explanation = answered(programme.app, explain(programme.app, "2023", "I01", as_of=early))
    head = {"origin": "miriam.example/ledger", "size": early, "root": base64.b64encode(bytes(root)).decode()}
    assert report.as_json()["checkpoint"] == explanation.as_json()["checkpoint"] == head


def test_over_http_a_day_and_published_definitions_are_asked_for_as_on_the_command_line(
    programme: Programme, days: dict[str, int]
) -> None:
    base = Database(programme.access.app_url, "life-http")

    def ask(query: str) -> tuple[int, Any]:
        headers = {"Authorization": "Bearer token"}
        request = Request.from_values(f"/v1/editions/2023/report?{query}", headers=headers)
        answer = ReportAnswers("token").report(request, base, "2023")
        return answer.status_code, json.loads(answer.get_data())

    status, told = ask("as_of=2024-05-08&by=cpas")
    printed = json.loads(miriam(programme, "report", "2023", "--as-of", "2024-05-08", "--by", "cpas", "--json"))
    assert (status, told) == (200, printed)
    assert ask("as_of=2024-05-05")[0] == 404
    assert ask("as_of=2024-02-30")[0] == 400
    assert ask("definitions=published")[0] == 404
    assert ask("definitions=older")[0] == ask("report=2023-r1")[0] == 400
    done = programme.published()
    status, told = ask(f"definitions=published&as_of={done.data['position']}")
    assert (status, told["definitions"]) == (200, "2023-r1")
    base.close()


def test_definitions_have_the_same_digest_in_every_process(programme: Programme) -> None:
    code = "from miriam_reporting.reports.definitions import current; print(current().digest)"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(found) == 1
