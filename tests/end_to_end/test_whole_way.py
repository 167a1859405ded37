"""From six CPAS to the figures: emitted, recorded, in the ledger, counted; and the same again changes nothing."""

from __future__ import annotations

import hashlib
import json
import mmap
import re
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from emission import Receipts, receipts, to_be_recorded, unforeseen
from running_platform import Leaf, RunningPlatform

import miriam_verify
from miriam_local.processes import wait_until
from miriam_simulator.diary import DUPLICATE, RECORDED, REFUSED, Diary
from miriam_simulator.recorded import leaves as leaves_without_doors
from miriam_simulator.scenarios import Scenario, scenario
from miriam_transparency.keys import read_public
from miriam_transparency.proofs import Proof, hash_of

EDITION = "3.0"
RESENDER = "anderlecht"
LEVELS = ("region", "cpas", "project")


@dataclass(frozen=True)
class Played:
    """The scenario, what `miriam simulate --emit` said of it, what the emitters keep, and the ledger afterwards."""

    scenario: Scenario
    diaries: list[Diary]
    told: dict[str, Any]
    receipts: Receipts
    head: dict[str, Any]
    leaves: list[Leaf]

    def foreseen(self, outcome: str) -> int:
        return sum(item.expect == outcome for diary in self.diaries for item in diary.items)


@pytest.fixture(scope="module")
def played(platform: RunningPlatform) -> Played:
    whole = scenario(EDITION)
    told = platform.miriam("simulate", EDITION, "--emit")
    head = platform.settle()
    diaries = list(whole.diaries())
    return Played(whole, diaries, told, receipts(platform.home, diaries), head, platform.leaves())


def test_every_emission_is_answered_as_the_scenario_foresees(played: Played) -> None:
    assert unforeseen(played.diaries, played.receipts) == []
    told = played.told["receipts"]
    assert (told["recorded"], told["refused"]) == (played.foreseen(RECORDED), played.foreseen(REFUSED))
    assert told["duplicate"] == played.foreseen(DUPLICATE)
    assert told["parked"] == 0


def test_the_ledger_holds_what_the_scenario_leads_to_and_nothing_else(played: Played) -> None:
    expected = Counter(event for ids in to_be_recorded(played.diaries).values() for event in ids)
    assert Counter(leaf.event["id"] for leaf in played.leaves) == expected
    assert [leaf.position for leaf in played.leaves] == list(range(1, len(played.leaves) + 1))
    assert (played.head["alarms"], played.head["position"]) == (0, len(played.leaves))


def test_the_newest_head_is_signed_cosigned_and_proves_any_leaf(platform: RunningPlatform, played: Played) -> None:
    def cosigned() -> bool:
        told = platform.miriam("audit", "checkpoint")
        return bool(told["size"] >= len(played.leaves) and told["cosigned_by"] and not told["problems"])

    assert wait_until(cosigned, 20)
    keys = read_public(platform.home / "keys" / "AUTHORITY.pub")
    for leaf in (played.leaves[0], played.leaves[len(played.leaves) // 2], played.leaves[-1]):
        told = platform.miriam("audit", "prove", leaf.event["id"])
        proof = Proof(told["index"], tuple(hash_of(each) for each in told["proof"]), told["checkpoint"])
        # Both signed: the log, and the authority's witness.
        assert len(proof.verify(hashlib.sha256(b"\0" + leaf.body).digest(), keys)) == 2
        assert proof.index == leaf.position - 1


def test_every_receipt_names_a_leaf_by_number_and_hash(played: Played) -> None:
    # The hash is made here again, of the bytes in the ledger: RFC 6962's leaf.
    held = {
        (leaf.source, leaf.sequence): (leaf.event["id"], hashlib.sha256(b"\0" + leaf.body).hexdigest())
        for leaf in played.leaves
    }
    named = {
        (receipt["service"], event["sequence"]): (event["id"], event["leaf"])
        for receipt in played.receipts.values()
        for event in receipt.get("events", ())
    }
    assert named == held
    assert [leaf.hash for leaf in played.leaves] == [held[leaf.source, leaf.sequence][1] for leaf in played.leaves]


def test_logs_tell_of_each_event_who_sent_what_and_its_number(platform: RunningPlatform, played: Played) -> None:
    log = platform.places.log_of("sessions").read_text("utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    told = {
        (line["correlation"], line["emitter"], line["type"], line["sequence"])
        for line in lines
        if "sequence" in line and "correlation" in line
    }
    events = [leaf.event for leaf in played.leaves if leaf.source == "sessions"]
    asked = {(e["correlationid"], e["origin"].split("/")[2], e["type"], e["sequence"]) for e in events}
    assert asked
    assert asked <= told


def test_report_equals_what_the_verifier_computes_from_the_leaves(platform: RunningPlatform, played: Played) -> None:
    bodies = [leaf.body for leaf in played.leaves]
    assert platform.figures(EDITION) == miriam_verify.figures(bodies, EDITION, levels=("total",))
    for level in LEVELS:
        assert platform.figures(EDITION, level) == miriam_verify.figures(bodies, EDITION, levels=("total", level))


def test_report_equals_the_figures_of_the_scenario_that_passed_no_door(
    platform: RunningPlatform, played: Played
) -> None:
    expected = miriam_verify.figures(leaves_without_doors(played.scenario), EDITION, levels=("total", "project"))
    assert platform.figures(EDITION, "project") == expected
    (women,) = [figure for figure in expected if figure["code"] == "I01" and not figure["by"]]
    assert women["value"] > 50  # figures of nothing would agree too


def test_report_and_explanation_over_http_are_those_of_the_command(platform: RunningPlatform, played: Played) -> None:
    told = json.loads((platform.home / "environments" / "reporting.json").read_text())
    address, token = told["MIRIAM_HTTP_ADDRESS"], told["MIRIAM_SERVICE_TOKEN"]

    def ask(path: str) -> Any:
        asked = urllib.request.Request(f"http://{address}{path}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    assert ask(f"/v1/editions/{EDITION}/report?by=cpas") == platform.miriam("report", EDITION, "--by", "cpas")
    assert ask(f"/v1/editions/{EDITION}/explain/I04") == platform.miriam("explain", EDITION, "I04")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"http://{address}/v1/editions/{EDITION}/report", timeout=60)


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("I01", {}),
        ("I04", {"region": "brussels"}),
        ("I05", {"part": "domain=housing"}),
        ("I08", {"cpas": "anderlecht"}),
        ("I13", {"project": "spp-is:2020-mechelen-1"}),
    ],
)
def test_a_figure_is_what_its_explanation_adds_up_to(
    platform: RunningPlatform, played: Played, code: str, options: dict[str, str]
) -> None:
    told = platform.miriam("explain", EDITION, code, *(f"--{name}={value}" for name, value in options.items()))
    (figure,) = told["figures"]
    assert figure["value"]
    rows = [
        miriam_verify.Row(**{name: row[name] for name in miriam_verify.Row._fields} | {"reason": row["reason"] or ""})
        for row in told["evidence"]
    ]
    assert add_up(code, figure["by"], rows) == figure
    at = {leaf.position: leaf.event["id"] for leaf in played.leaves}
    assert {(row["position"], row["event_id"]) for row in told["evidence"]} <= set(at.items())
    # The same figure as in the report.
    level = next((name for name in LEVELS if name in options), "total")
    assert figure in platform.figures(EDITION, level)


def add_up(code: str, by: dict[str, str], rows: list[miriam_verify.Row]) -> dict[str, Any]:
    """The figure of these rows alone, by the verifier's arithmetic."""
    level = {name: value for name, value in by.items() if name in LEVELS}
    key = "".join(f"{name}={value}" for name, value in by.items() if name not in LEVELS)
    (indicator,) = [each for each in miriam_verify.INDICATORS if each.code == code]
    (part,) = [each for each in indicator.parts if each.key == key]
    return miriam_verify.figure_of(code, level, part, rows)


def test_the_same_emissions_again_change_nothing(platform: RunningPlatform, played: Played, tmp_path: Path) -> None:
    before = platform.figures(EDITION, "cpas")
    assert platform.miriam("simulate", EDITION, "--emit")["sent"] == 0

    # A CPAS that lost its spool sends its year once more, from a file; and the same file again.
    platform.miriam("simulate", EDITION, "--out", str(tmp_path))
    (diary,) = [each for each in played.diaries if each.id == RESENDER]
    refused = sum(item.expect == REFUSED for item in diary.items)
    for turn, folder in enumerate((tmp_path, tmp_path / "after", tmp_path)):
        file = folder / f"cpas.{RESENDER}.jsonl"
        sent = ("emit", str(file), "--as", RESENDER, "--spool", str(tmp_path / "new.spool"))
        told = platform.miriam(*sent, codes=(0, 1))
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert told["recorded"] == told["parked"] == told["waiting"] == 0
        assert told["duplicate"] + told["refused"] == len({line["id"] for line in lines})
        assert told["refused"] <= refused
        # The third time is known to the spool, but for what was refused: that may be tried again.
        assert told["added"] == (0 if turn == 2 else told["duplicate"] + told["refused"])

    # How far it is signed and cosigned moves on by itself.
    assert platform.settle() | {"checkpoint": None} == played.head | {"checkpoint": None}
    assert [leaf.hash for leaf in platform.leaves()] == [leaf.hash for leaf in played.leaves]
    assert platform.figures(EDITION, "cpas") == before


def test_a_duplicates_receipt_names_what_was_recorded_first(
    platform: RunningPlatform, played: Played, tmp_path: Path
) -> None:
    (diary,) = [each for each in played.diaries if each.id == RESENDER]
    item = next(item for item in diary.items if item.type == "session.held" and "personal" in item.event["data"])
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(item.event), "utf-8")
    spool = tmp_path / "one.spool"
    platform.miriam("emit", str(file), "--as", RESENDER, "--spool", str(spool))
    (again,) = platform.miriam("receipts", "--as", RESENDER, "--spool", str(spool))
    assert again["outcome"] == "duplicate"
    assert again["events"] == played.receipts[diary.source, item.event["id"]]["events"]


def test_a_report_is_drafted_signed_published_and_replayed(platform: RunningPlatform, played: Played) -> None:
    draft = platform.miriam("draft", EDITION)["data"]
    assert draft["actor"] == "authority.spp-is"
    report = draft["report"]
    for signer in draft["signers"]:
        signed = platform.miriam("sign", report, "--cpas", signer["cpas"], "--yes")
        assert signed["digest"] == signer["digest"]

    def cosigned() -> bool:
        newest = platform.miriam("audit", "checkpoint")
        return bool(newest["size"] >= draft["position"] and newest["cosigned_by"])

    assert wait_until(cosigned, 20)
    published = platform.miriam("publish", report)
    assert (published["data"]["unsigned"], published["data"]["digest"]) == ([], draft["digest"])
    (replayed,) = platform.miriam("audit", "replay")["publications"]
    assert (replayed["event_id"], replayed["agrees"]) == (published["event_id"], True)
    steps = [leaf.event["type"].split(".")[2] for leaf in platform.leaves() if leaf.source == "reporting"]
    assert steps == ["drafted", *["signed"] * len(draft["signers"]), "published"]
    assert len(draft["signers"]) > 2


def test_nothing_that_the_platform_keeps_names_a_woman(platform: RunningPlatform, played: Played) -> None:
    numbers, notes = personal(played.diaries)
    assert len(numbers) > 50
    database = platform.deployment.private_postgres
    assert database is not None
    files = {path for folder in (platform.home, database.folder) for path in folder.rglob("*")}
    searched = 0
    for path in files:
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
                assert not numbers & {match.group() for match in re.finditer(rb"\d{11}", content)}, path
                assert not [note for note in notes if content.find(note) >= 0], path
            searched += 1
    assert searched > 100


def personal(diaries: list[Diary]) -> tuple[set[bytes], list[bytes]]:
    """The national numbers that were emitted; of the notes, an ASCII piece of the longest ones."""
    blocks = [
        item.event["data"].get("replacement", item.event["data"]).get("personal") or {}
        for diary in diaries
        for item in diary.items
    ]
    pieces = {piece for block in blocks for piece in re.findall(r"[ -~]{30,}", block.get("text", ""))}
    assert len(pieces) > 50
    longest = sorted(pieces, key=len)[-5:]
    return {block["niss"].encode() for block in blocks if "niss" in block}, [piece.encode() for piece in longest]
