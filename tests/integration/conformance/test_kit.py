"""The conformance kit on a running platform: what is right passes, and each way to be wrong fails where it is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from running_platform import RunningPlatform

Counted = list[list[tuple[Any, ...]]]

_CPAS = "test-kit"
_SLOPPY = Path(__file__).parents[2] / "running" / "sloppy_maker.py"


@pytest.fixture(scope="module", autouse=True)
def counted(platform: RunningPlatform) -> Counted:
    """The kit's CPAS is admitted; what stood in the facts before it sent anything."""
    platform.miriam("cpas", "add", "--test", _CPAS)
    platform.settle()
    return _counted(platform)


def _counted(platform: RunningPlatform) -> Counted:
    """All that figures are counted from: participations and goals."""
    return [
        platform.ask("reporting", f"select * from facts.{table} order by 1, 2, 3")
        for table in ("participation", "goal")
    ]


def _kit(platform: RunningPlatform, *arguments: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = platform.miriam("conformance", "--cpas", _CPAS, *arguments, codes=(code,))
    return found


def _failed(found: dict[str, Any]) -> dict[str, list[str]]:
    return {check["code"]: check["why"] for check in found["checks"] if not check["passed"]}


@pytest.mark.parametrize("over", ["amqp", "http"])
def test_our_own_emitter_and_the_doors_pass_every_check(platform: RunningPlatform, over: str, tmp_path: Path) -> None:
    page = tmp_path / "table.md"
    found = _kit(platform, "--over", over, "--out", str(page))
    assert _failed(found) == {}
    assert {check["section"] for check in found["checks"]} == {"door", "program"}
    assert len(found["checks"]) > 40
    assert "result: conforms" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("fault", "check", "told"),
    [
        ("forgets_the_last", "emits_every_type", "not answered"),
        ("reverses_the_order", "keeps_the_order_of_a_subject", "refused (goal_not_set)"),
        ("makes_new_ids_each_time", "sends_a_file_twice_without_harm", "printed no receipt"),
        ("prints_nothing", "emits_every_type", "printed no receipt"),
        ("stops_at_the_first_refusal", "goes_on_after_a_refusal", "not answered"),
        ("takes_for_sent_what_it_has_read", "survives_a_kill", "not answered"),
        ("gives_up_what_was_refused", "mends_and_sends_again", "refused (unknown_code)"),
    ],
)
def test_a_sloppy_program_fails_where_it_is_sloppy(
    platform: RunningPlatform, fault: str, check: str, told: str
) -> None:
    program = f"{sys.executable} {_SLOPPY} {fault}"
    found = _kit(platform, "--with", program, "--check", check, "--seconds", "60", "--patience", "5", code=1)
    assert [each["code"] for each in found["checks"]] == [check]
    assert told in " ".join(_failed(found)[check])


def test_a_real_cpas_is_never_played(platform: RunningPlatform) -> None:
    platform.miriam("cpas", "add", "anderlecht")
    before = platform.recorded()
    with pytest.raises(json.JSONDecodeError):
        platform.miriam("conformance", "--cpas", "anderlecht", codes=(2,))
    assert platform.recorded() == before


def test_what_the_kit_recorded_counts_in_no_figure(platform: RunningPlatform, counted: Counted) -> None:
    _kit(platform, "--check", "emits_every_type")
    platform.settle()
    assert _counted(platform) == counted


def test_a_program_that_is_not_there_is_told(platform: RunningPlatform) -> None:
    with pytest.raises(json.JSONDecodeError):
        platform.miriam("conformance", "--cpas", _CPAS, "--only", "program", "--with", "no-such-program", codes=(3,))
