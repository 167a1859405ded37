"""`miriam simulate` without a broker: files that `miriam emit` can take, and counts."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from miriam_contracts.envelope import parse
from miriam_simulator.demo import compare
from miriam_simulator.simulate import simulate


def test_files_hold_every_emission_one_emitter_each_and_the_truth_beside(tmp_path: Path) -> None:
    run = CliRunner().invoke(simulate, ["3.0", "--out", str(tmp_path), "--json"])
    assert run.exit_code == 0
    told = json.loads(run.stdout)
    lines = [(name, line) for name in told["files"] for line in (tmp_path / name).read_text("utf-8").splitlines()]
    assert len(lines) == told["emissions"]["emissions"]
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    refused = {(each["emitter"], each["id"]) for each in truth if each["expect"] == "refused"}
    assert len(refused) == told["emissions"]["refused"] > 0
    for name, line in lines:
        event = json.loads(line)
        kind, emitter, _ = Path(name).name.split(".", 2)
        assert event["source"] == f"/{kind}/{emitter}"
        if (event["source"], event["id"]) not in refused:
            parse(event)


def test_made_up_data_say_so(tmp_path: Path) -> None:
    run = CliRunner().invoke(simulate, ["3.0", "--scale", "0.2", "--out", str(tmp_path)])
    assert "Made-up data" in run.stdout
    assert "Made-up data" in (tmp_path / "README.txt").read_text("utf-8")


def test_an_unknown_scenario_is_a_wrong_command_line() -> None:
    assert CliRunner().invoke(simulate, ["1999"]).exit_code == 2


def test_a_published_figure_stands_beside_the_simulated_one() -> None:
    figures = [{"code": "I04", "by": {}, "numerator": 73, "denominator": 100, "value": "73.0", "unit": "%"}]
    rows = {row["code"] + "".join(row["by"].values()): row for row in compare(figures)}
    assert rows["I04"]["published"] == "73 %"
    assert rows["I04"]["simulated"]["value"] == "73.0"
    assert rows["I06leisure"]["simulated"]["value"] is None
