"""The commands of a report's life, as the authority, a CPAS and an auditor type them."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from miriam_cli.exits import Exit
from miriam_contracts.canonical import canonical
from miriam_contracts.reading import reading_token
from miriam_emitter.signing.command import sign
from miriam_platform.database import Database
from miriam_reporting.commands.life import draft, publish, reopen, restate
from miriam_reporting.commands.lives import reports
from miriam_reporting.commands.replay import replay_reports
from miriam_reporting.commands.report import report
from miriam_reporting.reports.life.http import LifeAnswers
from miriam_transparency.keys import write_public

Programme = Any
TOKEN = "a token of the services"


@pytest.fixture
def door(programme: Programme) -> Iterator[str]:
    """Reporting's answers on a real port, as `service.py` routes them."""
    answers, base = LifeAnswers(TOKEN), Database(programme.access.app_url, "life-http")

    @Request.application
    def serve(request: Request) -> Response:
        parts = request.path.strip("/").split("/")[2:]
        if request.method == "POST":
            return answers.sign(request, base, parts[0])
        return answers.report(request, base, parts[0]) if parts else answers.reports(request, base)

    server = make_server("127.0.0.1", 0, serve)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    base.close()


@pytest.fixture
def desk(programme: Programme, door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the log's keys, the witnesses' and the CPAS's; the environment names it and the database."""
    write_public([programme.log.verifier], tmp_path / "log.vkeys")
    write_public([programme.authority.verifier], tmp_path / "witnesses.vkeys")
    for cpas, key in programme.keys.items():
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / f"{cpas}.pem").write_bytes(pem)
    for name, value in (
        ("MIRIAM_REPORTING_DATABASE_URL", programme.access.app_url),
        ("MIRIAM_KEYS_DIR", str(tmp_path)),
        ("MIRIAM_ACTOR", "authority.spp"),
        ("MIRIAM_LANG", "en"),
        ("MIRIAM_HOME", str(tmp_path)),
    ):
        monkeypatch.setenv(name, value)
    (tmp_path / "emitters").mkdir()
    for cpas in programme.keys:
        told = {"id": cpas, "kind": "cpas", "amqp_url": "amqp://nobody", "keys_dir": ".", "reporting_url": door}
        told["reading_token"] = reading_token(TOKEN, cpas)
        (tmp_path / "emitters" / f"{cpas}.json").write_text(json.dumps(told))
    return tmp_path


def run(command: Any, *arguments: str, code: int = 0, text: str = "") -> Result:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == code, result.output + str(result.exception)
    assert text in " ".join(result.output.split())
    return result


def told(command: Any, *arguments: str) -> Any:
    return json.loads(run(command, *arguments, "--json").stdout)


def test_from_draft_to_restatement_by_commands_alone(programme: Programme, desk: Path) -> None:
    assert told(draft, "2023")["data"]["report"] == "2023-r1"
    run(publish, "2023-r1", "--wait", "0", code=Exit.PREREQUISITE, text="cosigned")
    programme.sign_head()
    run(publish, "2023-r1", code=Exit.DIFFERENCE, text="signatures are missing (alpha, beta)")
    shown = run(sign, "2023-r1", "--cpas", "alpha", "--key", str(desk / "alpha.pem"), "--yes", "--json")
    assert "miriam report signature v1" in shown.stderr
    digest = json.loads(shown.stdout)["digest"]
    assert digest in shown.stderr
    run(sign, "2023-r1", "--cpas", "beta", "--key", str(desk / "alpha.pem"), "--yes", code=Exit.USAGE)
    run(publish, "2023-r1", "--reason", "beta no longer answers.", text="beta no longer answers.")
    run(draft, "2023", code=Exit.USAGE, text="reopen it")
    run(reopen, "2023-r1", "--reason", "beta answers again.")
    programme.support("beta:w4")
    programme.load()
    run(draft, "2023")
    run(sign, "2023-r1", "--cpas", "beta", "--key", str(desk / "beta.pem"), "--yes")
    programme.sign_head()
    run(restate, "2023-r1", "--because", "With beta.", text="2/2")
    (life,) = told(reports, "2023")["reports"]
    assert (life["status"], life["unsigned"]) == ("published", [])
    assert [each["unsigned"] for each in life["publications"]] == [["beta"], []]
    assert [each["step"] for each in life["steps"]] == [
        "drafted", "signed", "published", "reopened", "drafted", "signed", "restated",
    ]  # fmt: skip
    run(reports, "2023-r1", text="beta no longer answers.")
    run(reports, "2029-r1", code=Exit.USAGE, text="there are: 2023-r1")
    found = told(replay_reports)["publications"]
    assert [(each["restated"], each["agrees"]) for each in found] == [(False, True), (True, True)]


def test_a_draft_is_of_the_position_asked_for(programme: Programme, desk: Path) -> None:
    assert told(draft, "2023", "--as-of", "9")["data"]["position"] == 9
    run(draft, "2023", "--as-of", "9", code=Exit.DIFFERENCE, text="stands already")
    run(draft, "2023", "--as-of", "900", code=Exit.USAGE)
    run(draft, "2029", code=Exit.USAGE)


def test_nobody_drafts_without_a_name(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIRIAM_ACTOR")
    run(draft, "2023", code=Exit.USAGE, text="--actor")
    run(draft, "2023", "--actor", "cpas.alpha", code=Exit.DIFFERENCE, text="only authority.*")


def test_a_refusal_is_told_in_her_language(programme: Programme, desk: Path) -> None:
    run(draft, "2023")
    programme.sign_head()
    run(publish, "2023-r1", "--lang", "fr", code=Exit.DIFFERENCE, text="des signatures manquent")
    run(publish, "2023-r1", "--lang", "nl", code=Exit.DIFFERENCE, text="er ontbreken handtekeningen")


def test_a_publication_that_does_not_come_out_again_is_named(programme: Programme, desk: Path) -> None:
    programme.published()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("delete from facts.session where participation = 'beta:w3'")
    result = run(replay_reports, "--json", code=Exit.DIFFERENCE)
    (found,) = json.loads(result.stdout)["publications"]
    assert found["agrees"] is False
    assert "I01" in found["differs"][0]
    run(replay_reports, code=Exit.DIFFERENCE, text="DIFFERS")


def test_published_definitions_are_run_as_they_were_kept(programme: Programme, desk: Path) -> None:
    run(report, "2023", "--definitions", "published", code=Exit.USAGE, text="never published")
    done = programme.published()
    at = ("--as-of", str(done.data["position"]), "--by", "cpas")
    by_published = told(report, "2023", "--definitions", "published", *at)
    assert by_published["definitions"] == "2023-r1"
    current = told(report, "2023", *at)
    assert current["definitions"] == "current"
    assert by_published["figures"] == current["figures"]
    run(report, "2023", "--report", "2023-r1", code=Exit.USAGE, text="--definitions published")
    assert told(report, "2023", "--definitions", "published", "--report", "2023-r1", *at) == by_published


def test_what_was_published_is_shown_as_it_was_and_not_computed_again(programme: Programme, desk: Path) -> None:
    run(reports, "2023-r1", "--figures", code=Exit.USAGE, text="never published")
    run(reports, "--figures", code=Exit.USAGE)
    done = programme.published()
    at = told(report, "2023", "--as-of", str(done.data["position"]))
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("delete from facts.session")
    shown = told(reports, "2023-r1", "--figures")
    assert [each for each in shown["figures"] if set(each["by"]).isdisjoint(("region", "cpas", "project"))] == at[
        "figures"
    ]
    assert (shown["position"], shown["digest"]) == (done.data["position"], done.data["digest"])
    # As whoever has figures and salt can check it against the ledger's event.
    salted = base64.b64decode(shown["salt"]) + canonical(shown["figures"])
    assert hashlib.sha256(salted).hexdigest() == shown["digest"]
    run(reports, "2023-r1", "--figures", "--by", "cpas", text="Women supported")


def test_a_cpas_signs_with_its_credentials_from_its_own_machine(
    programme: Programme, desk: Path, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme.draft()
    monkeypatch.delenv("MIRIAM_REPORTING_DATABASE_URL")
    own = ("--cpas", "alpha", "--key", str(desk / "alpha.pem"), "--yes")
    run(sign, "2023-r1", *own, "--token", reading_token(TOKEN, "beta"), code=Exit.PREREQUISITE)
    run(sign, "2023-r1", *own, "--url", "http://127.0.0.1:9", code=Exit.UNREACHABLE)
    run(sign, "2029-r1", *own, code=Exit.USAGE, text="there is no report 2029-r1")
    run(sign, "2023-r1", *own[:-1], code=1, text="sign?")
    first = json.loads(run(sign, "2023-r1", *own, "--json").stdout)
    assert first["recorded"] is True
    (desk / "alpha.pem").rename(desk / "emitters" / "alpha.signing.pem")
    again = json.loads(run(sign, "2023-r1", "--as", "alpha", "--yes", "--json").stdout)
    assert (again["recorded"], again["digest"]) == (False, first["digest"])
    run(sign, "2023-r1", "--cpas", "gamma", "--key", str(desk / "gamma.pem"), "--yes", code=Exit.USAGE, text="holds no")
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select count(*) from ledger.leaf where type = 'miriam.report.signed.v1'")
        assert cursor.fetchall() == [(1,)]


def test_over_http_nobody_sees_anothers_figures_and_false_signatures_are_refused(
    programme: Programme, desk: Path, door: str
) -> None:
    programme.draft()
    programme_alpha = reading_token(TOKEN, "alpha")
    for path, token, status in (
        ("/v1/reports", TOKEN, 200),
        ("/v1/reports", "", 401),
        ("/v1/reports?cpas=alpha", programme_alpha, 200),
        ("/v1/reports/2023-r1", programme_alpha, 401),
        ("/v1/reports/2023-r1?cpas=beta", programme_alpha, 401),
        ("/v1/reports/2023-r1?cpas=alpha", programme_alpha, 200),
        ("/v1/reports/2023-r1?cpas=gamma", TOKEN, 404),
        ("/v1/reports/2029-r1", TOKEN, 404),
        ("/v1/reports/2023-r1?figures=published", TOKEN, 404),
        ("/v1/reports/2023-r1?figures=all", TOKEN, 400),
        ("/v1/reports/2023-r1?figures=published&cpas=alpha", programme_alpha, 401),
    ):
        assert call(door + path, token)[0] == status, (path, token)
    _, seen = call(f"{door}/v1/reports/2023-r1?cpas=alpha", programme_alpha)
    places = [{key: each["by"].get(key) for key in ("region", "cpas", "project")} for each in seen["asked"]["figures"]]
    assert {(each["region"], each["cpas"], each["project"]) for each in places} == {
        (None, "alpha", None), (None, None, "spp:p1"),
    }  # fmt: skip
    path = f"{door}/v1/reports/2023-r1/signatures"
    given = {"cpas": "alpha", "key": seen["asked"]["key"], "signature": "A" * 86}
    for sent, status, code in (
        (given, 422, "signature_false"),
        ({**given, "signature": "short"}, 422, "wrong_form"),
        ({**given, "cpas": "gamma"}, 422, "signer_unknown"),
    ):
        found, answer = call(path, "", sent)
        assert (found, answer["problems"][0]["code"]) == (status, code)
        assert set(answer["problems"][0]["title"]) == {"en", "fr", "nl", "de"}
    broken: list[tuple[Any, int]] = [
        ({}, 400), ([], 400), ({**given, "more": "x"}, 400), ({**given, "cpas": "../x"}, 400),
        ({**given, "key": "k" * 5000}, 413),
    ]  # fmt: skip
    for body, status in broken:
        assert call(path, "", body)[0] == status


def call(url: str, token: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else orjson.dumps(body)
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, orjson.loads(answer.read())
    except urllib.error.HTTPError as problem:
        return problem.code, orjson.loads(problem.read())


def test_what_was_published_stays_when_the_edition_is_retired(programme: Programme, desk: Path, door: str) -> None:
    programme.published()
    before = told(reports, "2023-r1", "--figures")
    programme.fact("edition.closed", edition="2023", occurred_on="2024-07-01", reason="end_of_term")
    programme.retire("2023")
    programme.load()
    run(report, "2023", code=Exit.USAGE, text="2023-r1")
    assert told(reports, "2023-r1", "--figures") == before
    (found,) = told(replay_reports)["publications"]
    assert (found["agrees"], found["differs"]) == (None, [])
    run(replay_reports, text="retired")
    assert call(f"{door}/v1/reports/2023-r1?figures=published", TOKEN)[1]["published"] == before
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table report.publication disable trigger user")
        cursor.execute("update report.publication set figures = replace(figures, '\"value\":2', '\"value\":9')")
    run(replay_reports, code=Exit.DIFFERENCE, text="not those published")
    run(reports, "2023-r1", "--figures", code=Exit.DIFFERENCE)
