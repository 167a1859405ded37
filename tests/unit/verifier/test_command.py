"""The command: exit codes, one JSON object, order of figures; and its size and speed."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hand_made import figures, small_edition
from histories import seeded

import miriam_verify

LEVELS = ("total", "region", "cpas", "project")


@pytest.fixture
def leaves(tmp_path: Path) -> Path:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    ledger.record("session.held")
    file = tmp_path / "leaves.jsonl"
    file.write_bytes(b"\n".join(ledger.bodies) + b"\n")
    return file


def run(*arguments: object) -> int:
    return miriam_verify.main(["figures", *map(str, arguments)])


def test_the_json_answer_is_one_object_with_the_figures(leaves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--leaves", leaves, "--edition", "2023", "--json", "--by", "cpas") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["edition"], answer["position"], answer["as_of"], answer["checkpoint"]) == ("2023", 7, None, None)
    expected = miriam_verify.figures(leaves.read_bytes().splitlines(), "2023", levels=("total", "cpas"))
    assert answer["figures"] == expected


def test_the_plain_answer_names_figure_value_and_ratio(leaves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--leaves", leaves, "--edition", "2023", "--as-of", 6) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "as of position 6" in lines[0]
    assert any(line.startswith("I01") and "0 women" in line and "(0 / 1)" in line for line in lines)


def test_each_failure_has_its_exit_code(leaves: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--leaves", tmp_path / "none", "--edition", "2023") == 3
    (tmp_path / "broken").write_text("no json\n")
    assert run("--leaves", tmp_path / "broken", "--edition", "2023") == 3
    assert run("--leaves", leaves, "--edition", "1999") == 4
    assert run("--leaves", leaves, "--edition", "2023", "--as-of", 8) == 4
    assert "2023" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run("--edition", "2023")


def test_it_runs_with_the_standard_library_alone(leaves: Path) -> None:
    command = [
        sys.executable,
        "-I",
        "-S",
        miriam_verify.__file__,
        "figures",
        "--leaves",
        str(leaves),
        "--edition",
        "2023",
    ]
    assert b"I01" in subprocess.run(command, check=True, capture_output=True).stdout


def test_figures_come_by_code_level_value_and_part() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    ledger.record("door.tallied", counts=[{"emitter": "beta", "rule": "required", "count": 1}])
    found = figures(ledger)
    codes = [f"I{number:02d}" for number in range(1, 17)] + [f"D{number:02d}" for number in range(1, 9)]
    assert list(dict.fromkeys(item["code"] for item in found)) == codes
    for code in codes:
        levels = [_level(item["by"]) for item in found if item["code"] == code]
        assert levels == sorted(levels, key=lambda level: (LEVELS.index(level[0]), level[1]))
        assert levels[0] == ("total", "")
    domains = [item["by"].get("domain") for item in found if item["code"] == "I05" and len(item["by"]) == 1]
    assert domains[:3] == ["finances", "social_support", "housing"]


def _level(by: dict[str, str]) -> tuple[str, str]:
    return next(((name, by[name]) for name in LEVELS[1:] if name in by), ("total", ""))


def test_a_hundred_thousand_events_take_half_a_gibibyte_at_most(tmp_path: Path) -> None:
    """48 CPAS and 48 projects, as large as an edition of the programme."""
    file = tmp_path / "leaves.jsonl"
    file.write_bytes(b"\n".join(seeded(7, 100_000, copies=12, check=False)) + b"\n")
    arguments = ["--leaves", file, "--edition", "2023", "--by", "region", "--by", "cpas", "--by", "project", "--json"]
    command = [sys.executable, miriam_verify.__file__, "figures", *map(str, arguments)]
    with Path(tmp_path / "figures.json").open("wb") as out:
        subprocess.run(command, stdout=out, check=True, preexec_fn=_half_a_gibibyte)
    assert json.loads((tmp_path / "figures.json").read_text())["position"] == 100_000


def _half_a_gibibyte() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (512 * 1024**2, 512 * 1024**2))
