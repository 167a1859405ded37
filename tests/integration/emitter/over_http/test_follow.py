"""`miriam emit --follow` and `--over http`, as a person types them or a service manager starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from miriam_cli.exits import Exit
from miriam_emitter.commands import emit

Events = Callable[..., list[dict[str, Any]]]
Door = Any
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def home(door: Door, keys: Any, tmp_path: Path) -> Path:
    """Credentials that know the door alone."""
    told = {"id": "anderlecht", "kind": "cpas", "keys_dir": str(keys.folder)}
    (tmp_path / "emitters").mkdir()
    credentials = {**told, "http_url": door.url, "http_token": door.token, "over": "http"}
    (tmp_path / "emitters" / "anderlecht.json").write_text(json.dumps(credentials))
    return tmp_path


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """`start("--follow", file)`: `miriam emit` in a process of its own."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-c",
            "from miriam_cli.main import main; main()",
            "emit",
            "--as",
            "anderlecht",
            "--json",
            *arguments,
        ]
        environment = {**os.environ, "MIRIAM_HOME": str(home)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        running.append(subprocess.Popen(command, env=environment, text=True, **pipes))
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def write(path: Path, *lines: Any) -> None:
    with path.open("a") as out:
        out.writelines((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def ended(process: subprocess.Popen[str], by: signal.Signals | None = signal.SIGINT) -> tuple[int, dict[str, Any], str]:
    if by is not None:
        process.send_signal(by)
    out, err = process.communicate(timeout=30)
    return process.returncode, json.loads(out), err


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_lines_are_sent_as_they_come_and_a_restart_sends_none_twice(
    start: Start, door: Door, home: Path, sessions: Events, by: signal.Signals
) -> None:
    file = home / "events.jsonl"
    events = sessions(6)
    write(file, *events[:2])
    process = start("--follow", str(file))
    until(lambda: len(door.arrived) == 2, "what was there is sent")
    write(file, events[2], "", events[3])
    until(lambda: len(door.arrived) == 4, "what is added is sent")
    code, found, _ = ended(process, by)
    assert (code, found["added"], found["recorded"], found["waiting"]) == (Exit.OK, 4, 4, 0)
    process = start("--follow", str(file))
    write(file, events[4])
    until(lambda: len(door.arrived) == 5, "it goes on")
    code, found, _ = ended(process, by)
    assert (code, found["added"], found["known"], found["again"]) == (Exit.OK, 1, 0, 0)
    assert door.arrived == [f"s-{n}" for n in range(5)]


def test_a_line_that_cannot_be_sent_is_told_with_its_number_and_stops_no_other(
    start: Start, door: Door, home: Path, sessions: Events
) -> None:
    one, two, three = sessions(3)
    file = home / "events.jsonl"
    write(file, one, "{", two, {**one, "time": "2024-01-01T00:00:00Z"}, {"type": "x"}, three)
    process = start("--follow", str(file))
    until(lambda: len(door.arrived) == 3, "the others are sent")
    code, found, said = ended(process)
    assert code == Exit.DIFFERENCE
    assert (found["recorded"], found["rejected"]) == (3, 3)
    assert [each["line"] for each in found["rejections"]] == [2, 5, 4]
    assert "line 2: not a JSON object; it is not sent" in said
    assert "line 4: the id s-0 was spooled before with another content" in said
    asked = len(door.polls)
    process = start("--follow", str(file))
    until(lambda: len(door.polls) > asked, "it is there again")
    time.sleep(0.5)
    code, found, said = ended(process)
    assert (code, found["rejected"], said) == (Exit.OK, 0, ""), "and told once"


def test_a_refused_line_is_not_sent_again_by_a_restart(start: Start, door: Door, home: Path, sessions: Events) -> None:
    door.outcome = lambda event, _: "refused" if event["id"] == "s-1" else "recorded"
    file = home / "events.jsonl"
    write(file, *sessions(3))
    process = start("--follow", str(file), "--lang", "fr")
    until(lambda: len(door.receipts) == 3, "sent")
    code, found, _ = ended(process)
    assert (code, found["refused"]) == (Exit.DIFFERENCE, 1)
    rule = {"code": "required", "field": "data/kind", "title": "absent", "count": 1, "first": ["s-1"]}
    assert found["rules"] == [rule]
    asked = len(door.polls)
    process = start("--follow", str(file))
    until(lambda: len(door.polls) > asked, "it is there again")
    time.sleep(0.5)
    assert ended(process)[0] == Exit.OK
    assert len(door.arrived) == 3


def test_interrupted_while_the_door_is_away_it_says_what_waits_and_a_restart_sends_it(
    start: Start, door: Door, home: Path, sessions: Events
) -> None:
    door.stop()
    file = home / "events.jsonl"
    write(file, *sessions(3))
    process = start("--follow", str(file), "--wait", "0.5")
    until(lambda: (home / "emitters" / "anderlecht.spool").exists(), "begun")
    time.sleep(1)
    code, found, said = ended(process)
    assert (code, found["added"], found["waiting"]) == (Exit.UNREACHABLE, 3, 3)
    assert "safe in the spool" in said
    door.start()
    process = start("--follow", str(file))
    until(lambda: len(door.arrived) == 3, "sent by the restart")
    assert ended(process)[0] == Exit.OK


def test_killed_at_any_moment_a_follower_loses_no_line_and_sends_it_in_order(
    start: Start, door: Door, home: Path, sessions: Events
) -> None:
    file = home / "events.jsonl"
    events = sessions(3000, subjects=30)
    for round_ in range(3):
        write(file, *events[round_ * 1000 : (round_ + 1) * 1000])
        process = start("--follow", str(file))
        # Somewhere between the first line taken and the last receipt.
        enough = len(door.asked) + 1 + round_
        while len(door.asked) < enough:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.communicate()
    process = start("--follow", str(file))
    until(lambda: len({receipt["id"] for receipt in door.receipts}) == 3000, "all of them")
    assert ended(process)[0] == Exit.OK
    firsts = list(dict.fromkeys(door.arrived))
    for subject in range(30):
        numbers = [int(id_[2:]) for id_ in firsts if int(id_[2:]) % 30 == subject]
        assert numbers == sorted(numbers)
        assert len(numbers) == 100


@pytest.fixture
def run(home: Path) -> Callable[..., Result]:
    """`run("-", lines)` in this process."""

    def run(*arguments: str, lines: list[Any]) -> Result:
        text = "\n".join(json.dumps(line) for line in lines)
        runner = CliRunner(env={"MIRIAM_HOME": str(home)})
        return runner.invoke(emit, ["--as", "anderlecht", *arguments], input=text)

    return run


def test_standard_input_is_followed_to_its_end(run: Callable[..., Result], door: Door, sessions: Events) -> None:
    done = run("--follow", "--json", "-", lines=sessions(20))
    assert done.exit_code == Exit.OK, done.output
    found = json.loads(done.stdout)
    assert (found["added"], found["recorded"]) == (20, 20)
    assert len(door.arrived) == 20


def test_a_file_is_emitted_over_http(run: Callable[..., Result], door: Door, sessions: Events) -> None:
    done = run("--json", "-", lines=sessions(20))
    assert (done.exit_code, json.loads(done.stdout)["recorded"]) == (Exit.OK, 20)
    done = run("--json", "--over", "amqp", "-", lines=sessions(20))
    assert done.exit_code == Exit.PREREQUISITE
    assert "amqp_url" in done.stderr


def test_refusals_are_counted_by_rule_with_the_first_events_and_where_to_read_all(
    run: Callable[..., Result], door: Door, sessions: Events
) -> None:
    door.outcome = lambda event, _: "refused" if int(event["id"][2:]) < 8 else "recorded"
    done = run("--lang", "fr", "-", lines=sessions(20))
    assert done.exit_code == Exit.DIFFERENCE
    assert "data/kind" in done.stdout
    assert "absent" in done.stdout
    assert "s-0, s-1, s-2, s-3, s-4 ..." in done.stdout
    assert "miriam receipts --as anderlecht --refused --limit 8" in done.stdout


def test_follow_says_what_it_does_not_go_with(run: Callable[..., Result]) -> None:
    done = run("--follow", "--check", "-", lines=[])
    assert done.exit_code == Exit.USAGE
    assert "neither --check nor --again" in done.stderr
