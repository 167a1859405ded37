"""`miriam emit` and `miriam receipts`, as a person at a CPAS types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from miriam_cli.exits import Exit
from miriam_emitter import Emitter
from miriam_emitter.commands import emit, receipts
from miriam_local.broker import Broker
from miriam_local.emitters import Emitter as Admitted
from miriam_local.rabbitmq import PrivateRabbitMQ

Events = Callable[..., list[dict[str, Any]]]
Serve = Callable[..., Any]
Run = Callable[..., Result]


@pytest.fixture
def home(rabbitmq: PrivateRabbitMQ, broker: Broker, keys: Any, tmp_path: Path) -> Path:
    """The state of a deployment in which Anderlecht was let in."""
    admitted = Admitted("anderlecht")
    broker.admit({admitted: "secret"})
    credentials = {
        "id": "anderlecht",
        "kind": "cpas",
        "source": "/cpas/anderlecht",
        "amqp_url": rabbitmq.url(broker.vhost, admitted.user, "secret"),
        "keys_dir": str(keys.folder),
    }
    (tmp_path / "emitters").mkdir()
    (tmp_path / "emitters" / "anderlecht.json").write_text(json.dumps(credentials))
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    """`run(emit, "events.jsonl", lines)` as Anderlecht."""

    def run(command: Any, *arguments: str, lines: list[Any] | None = None) -> Result:
        if lines is not None:
            text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
            (home / "events.jsonl").write_text(text)
            arguments = (str(home / "events.jsonl"), *arguments)
        return CliRunner(env={"MIRIAM_HOME": str(home)}).invoke(command, ["--as", "anderlecht", *arguments])

    return run


def test_a_file_is_emitted_and_its_receipts_are_counted(run: Run, serve: Serve, sessions: Events) -> None:
    serve()
    done = run(emit, "--json", lines=[*sessions(20), ""])
    assert done.exit_code == Exit.OK, done.output
    found = json.loads(done.stdout)
    assert (found["added"], found["recorded"], found["waiting"], found["refusals"]) == (20, 20, 0, [])


def test_the_same_file_again_changes_nothing(run: Run, serve: Serve, sessions: Events) -> None:
    service = serve()
    run(emit, "--json", lines=sessions(20))
    again = run(emit, "--json", lines=sessions(20))
    found = json.loads(again.stdout)
    assert (again.exit_code, found["known"], found["added"], found["recorded"]) == (Exit.OK, 20, 0, 20)
    assert len(service.arrived) == 20
    forced = json.loads(run(emit, "--json", "--again", lines=sessions(20)).stdout)
    assert forced["again"] == 20
    assert len(service.arrived) == 40


def test_a_refusal_is_shown_with_its_reason_in_the_language_asked_for(run: Run, serve: Serve, sessions: Events) -> None:
    serve(answer=lambda event, _: "refused" if event["id"] == "s-3" else "recorded")
    done = run(emit, "--lang", "fr", lines=sessions(6))
    assert done.exit_code == Exit.DIFFERENCE
    assert "s-3" in done.stdout
    assert "absent" in done.stdout
    listed = run(receipts, "--refused", "--json", "--lang", "en")
    assert [(each["id"], each["problems"][0]["title"]) for each in json.loads(listed.stdout)] == [("s-3", "missing")]
    assert "recorded" in run(receipts).stdout


def test_without_an_answer_the_events_stay_safe_and_the_code_is_4(run: Run, sessions: Events) -> None:
    done = run(emit, "--json", "--wait", "1", lines=sessions(5))
    assert done.exit_code == Exit.UNREACHABLE
    assert "safe in the spool" in done.stderr
    assert json.loads(done.stdout)["waiting"] == 5


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "line 3: not a JSON object"), ('{"type": "x"}', "line 3: `id` is missing"), ("[]", "line 3: not a JSON")],
)
def test_a_line_that_cannot_be_sent_is_named_and_nothing_is_taken(
    run: Run, home: Path, sessions: Events, line: str, said: str
) -> None:
    done = run(emit, lines=[sessions(1)[0], "", line])
    assert done.exit_code == Exit.USAGE
    assert said in done.stderr
    assert "nothing was taken" in done.stderr


def test_an_id_with_another_content_is_named_by_its_line(run: Run, serve: Serve, sessions: Events) -> None:
    serve()
    first, second = sessions(2)
    run(emit, lines=[first])
    done = run(emit, lines=[second, {**first, "time": "2024-01-01T00:00:00Z"}])
    assert done.exit_code == Exit.USAGE
    assert "line 2: the id s-0 was spooled before with another content" in done.stderr


def test_check_says_what_would_be_refused_and_sends_nothing(run: Run, home: Path, sessions: Events) -> None:
    good, bad = sessions(2)
    bad["data"]["participation"] = "seraing:p-1"
    done = run(emit, "--check", "--json", lines=[good, bad])
    assert done.exit_code == Exit.DIFFERENCE
    found = [(problem["line"], problem["field"]) for problem in json.loads(done.stdout)["problems"]]
    assert found == [(2, "subject")]
    assert not (home / "emitters" / "anderlecht.spool").exists()


def test_a_spool_in_use_is_said_with_code_3(run: Run, home: Path, new_emitter: Callable[..., Emitter]) -> None:
    holder = new_emitter("anderlecht")
    done = run(emit, "--spool", str(holder.settings.spool), lines=[])
    assert done.exit_code == Exit.PREREQUISITE
    assert "held by another process" in done.stderr


def test_an_emitter_without_credentials_is_told_how_to_get_them(home: Path) -> None:
    runner = CliRunner(env={"MIRIAM_HOME": str(home)})
    done = runner.invoke(emit, ["--as", "seraing", "-"], input="")
    assert done.exit_code == Exit.PREREQUISITE
    assert "miriam cpas add seraing" in done.stderr
