"""A woman is erased through the whole platform: keys and blocks go, every service says so, no figure moves."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from emission import emit
from running_platform import RunningPlatform

import miriam_verify
from miriam_local.processes import wait_until
from miriam_transparency import merkle

EDITION = "3.0"
DPO = "dpo-spp-is"
GIVEN = ("--ground", "consent_withdrawn", "--actor", DPO, "--yes")


@dataclass(frozen=True)
class Erased:
    """The platform before and after: the position, the report there, who was erased, and what the command said."""

    position: int
    before: str
    participations: list[str]
    events: dict[str, list[tuple[Any, ...]]]
    held: dict[str, int]
    told: dict[str, Any]


def report(platform: RunningPlatform, *arguments: str) -> str:
    return json.dumps(platform.miriam("report", EDITION, "--by", "project", *arguments), sort_keys=False)


def events(platform: RunningPlatform, service: str) -> list[tuple[Any, ...]]:
    return platform.ask(service, "select sequence, body from event_store.event order by sequence")


def blocks(platform: RunningPlatform, service: str, participations: list[str]) -> int:
    query = "select count(*) from sealed.block where participation = any (%s)"
    return int(platform.ask(service, query, participations)[0][0])


@pytest.fixture(scope="module")
def erased(platform: RunningPlatform) -> Erased:
    # The files that run here before this one may have emitted the edition already.
    if not platform.recorded()["sessions"]:
        platform.miriam("simulate", EDITION, "--emit")
    position = platform.settle()["position"]
    # A woman with a number, of whom both services hold blocks.
    ((person,),) = platform.ask(
        "intake",
        "select person.of_participation(participation) from sealed.block join person.named using (participation)"
        " join person.mapping using (person) where participation = any (%s) limit 1",
        [p for (p,) in platform.ask("sessions", "select distinct participation from sealed.block")],
    )
    hers = [p for (p,) in platform.ask("intake", "select person.participations_of(%s)", person)]
    held = {service: blocks(platform, service, hers) for service in ("intake", "sessions")}
    before = report(platform)
    recorded = {service: events(platform, service) for service in ("intake", "sessions", "groups")}
    told = platform.miriam("erase", "--participation", hers[0], "--only", *GIVEN)
    platform.settle()
    return Erased(position, before, hers, recorded, held, told)


def test_every_service_destroyed_what_it_held_and_says_so(platform: RunningPlatform, erased: Erased) -> None:
    assert erased.told["behind"] == []
    (woman,) = erased.told["persons"]
    for service, held in erased.held.items():
        assert held > 0
        assert sum(each["blocks"] for each in woman["destroyed"][service]) == held
        assert blocks(platform, service, erased.participations) == 0
        keys = "select count(*) from sealed.key where wrapped is not null and participation = any (%s)"
        assert platform.ask(service, keys, erased.participations) == [(0,)]
    assert [each["participation"] for each in woman["destroyed"]["intake"]] == erased.participations
    assert woman["destroyed"]["groups"] == []
    assert platform.ask("intake", "select count(*) from person.mapping where person = %s", woman["person"]) == [(0,)]


def test_no_recorded_event_changed(platform: RunningPlatform, erased: Erased) -> None:
    for service, before in erased.events.items():
        assert events(platform, service)[: len(before)] == before


def test_every_figure_is_the_same_at_the_position_before_and_at_the_head(
    platform: RunningPlatform, erased: Erased
) -> None:
    assert report(platform, "--as-of", str(erased.position)) == erased.before.replace(
        '"as_of": null', f'"as_of": {erased.position}'
    )
    head, then = json.loads(report(platform)), json.loads(erased.before)
    assert head["position"] > then["position"]
    assert head["figures"] == then["figures"]


def test_the_destruction_is_proved_by_the_ledger(platform: RunningPlatform, erased: Erased) -> None:
    size = platform.settle()["position"]
    base = f"http://127.0.0.1:{platform.deployment.ports.http('reporting')}/v1/ledger"
    (woman,) = erased.told["persons"]
    leaves = platform.leaves()
    root = merkle.root([bytes.fromhex(leaf.hash) for leaf in leaves])
    for service, destroyed in woman["destroyed"].items():
        for each in destroyed:
            with urllib.request.urlopen(
                f"{base}/inclusion?source={service}&sequence={each['sequence']}&size={size}", timeout=10
            ) as answer:
                found = json.load(answer)
            assert found["leaf"] == each["leaf"]
            proof = [base64.b64decode(part) for part in found["proof"]]
            merkle.verify_inclusion(bytes.fromhex(each["leaf"]), found["position"] - 1, size, proof, root)


def test_her_request_is_closed_by_what_the_ledger_says_was_destroyed(platform: RunningPlatform, erased: Erased) -> None:
    (woman,) = erased.told["persons"]
    officer = ("--actor", f"dpo.{DPO}")
    request = ("privacy", "requests")
    platform.miriam(*request, "add", "2024-017", "--right", "erasure", "--received-on", "2024-03-05", *officer)
    found = platform.miriam(*request, "step", "2024-017", "identified", "--person", woman["person"], *officer)
    assert found["persons"] == [woman["person"]]
    step = (*request, "step", "2024-017", "done", *officer)
    with pytest.raises(AssertionError, match="names another ground"):
        platform.miriam(*step, "--ground", "unlawful")
    done = platform.miriam(*step, "--ground", "consent_withdrawn")
    assert (done["state"], done["events"]) == ("done", [woman["erasure"]])


def test_an_auditor_finds_nothing_amiss(platform: RunningPlatform, erased: Erased, tmp_path: Path) -> None:
    bodies = [leaf.body for leaf in platform.leaves()]
    assert platform.figures(EDITION) == miriam_verify.figures(bodies, EDITION, levels=("total",))
    platform.miriam("audit", "reconcile")
    head = str(platform.settle()["position"])
    # Exit code 1 would say that a figure changed.
    assert platform.miriam("diff", EDITION, str(erased.position), head)["figures"] == []
    bundle, key = tmp_path / "bundle.zip", platform.home / "keys" / "AUTHORITY.pub"
    platform.miriam("audit", "bundle", EDITION, "--out", str(bundle), "--purpose", "after an erasure", "--wait", "60")
    told = subprocess.run(
        [sys.executable, "-I", miriam_verify.__file__, "--key", str(key), str(bundle)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]


def test_it_can_be_repeated_and_says_the_same(platform: RunningPlatform, erased: Erased) -> None:
    (woman,) = erased.told["persons"]
    before = platform.recorded()
    assert platform.miriam("erase", woman["person"], "--only", *GIVEN) == erased.told
    assert platform.recorded() == before


def test_two_records_of_one_woman_are_erased_together(
    platform: RunningPlatform, erased: Erased, tmp_path: Path
) -> None:
    rows = platform.ask("intake", "select participation, person from person.named order by number limit 2")
    (one, _), (other, _) = rows
    link = {
        "id": "found-to-be-one",
        "type": "miriam.person.linked.v1",
        "subject": one,
        "time": "2021-12-01T10:00:00+01:00",
        "data": {"participation": one, "other": other, "occurred_on": "2021-12-01"},
    }
    (receipt,) = emit(platform.home, DPO, [link], tmp_path / "spool")
    assert receipt.outcome == "recorded"
    platform.settle()
    figures = platform.figures(EDITION)
    told = platform.miriam("erase", "--participation", one, *GIVEN)
    assert {woman["person"] for woman in told["persons"]} == {person for _, person in rows}
    assert blocks(platform, "intake", [one, other]) == 0
    platform.settle()
    assert platform.figures(EDITION) == figures


def test_a_service_that_was_down_does_its_part_when_it_comes_back(platform: RunningPlatform) -> None:
    ((participation,),) = platform.ask(
        "sessions",
        "select block.participation from sealed.block join sealed.key using (participation)"
        " where wrapped is not null order by 1 limit 1",
    )
    platform.supervisor.stop({"sessions", "sessions-relay"})
    told = platform.miriam("erase", "--participation", participation, "--only", "--wait", "2", *GIVEN, codes=(4,))
    assert told["behind"] == ["sessions"]
    assert blocks(platform, "sessions", [participation]) > 0
    platform.supervisor.begin(["sessions", "sessions-relay"])
    assert wait_until(lambda: blocks(platform, "sessions", [participation]) == 0, 60, 0.2), platform.told("sessions")
