"""An edition is retired through the whole platform: its women are gone from every service, its proofs are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emission import emit
from facts import AUTHORITY, CPAS
from running_platform import RunningPlatform

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import payload
from miriam_local.processes import wait_until

OLD, PROJECT, WOMAN, GROUP = "2017", "spp-is:prj-old", f"{CPAS}:p-1", f"{CPAS}:grp-1"
_EMPTIED = "select count(*), count(*) filter (where body is null) from event_store.event where stream = %s"


def fact(kind: str, **changes: Any) -> dict[str, Any]:
    known = payload(kind)
    data = {**known, **{name: value for name, value in changes.items() if name in known or name == "personal"}}
    return {
        "id": f"{kind}-{changes.get('id', 'one')}",
        "type": f"miriam.{kind}.v1",
        "subject": data[EVENT_TYPES[f"miriam.{kind}.v1"].subject_field],
        "time": f"{data['occurred_on']}T10:00:00+01:00",
        "data": data,
    }


def test_a_retired_edition_leaves_numbers_and_hashes(platform: RunningPlatform, tmp_path: Path) -> None:
    platform.miriam("cpas", "add", CPAS)
    platform.miriam("cpas", "add", AUTHORITY, "--kind", "authority")
    named = {"project": PROJECT, "edition": OLD, "participation": WOMAN, "group": GROUP}
    said = [fact(kind, **named) for kind in ("edition.opened", "project.approved", "edition.closed")]
    assert {receipt.outcome for receipt in emit(platform.home, AUTHORITY, said, tmp_path / "authority")} == {"recorded"}
    of_her = [
        fact("participation.enrolled", **named, personal={"niss": "85073003328"}),
        fact("session.held", **named, personal={"text": "a note"}),
        fact("group.formed", **named),
        fact("group.joined", **named),
    ]
    assert {receipt.outcome for receipt in emit(platform.home, CPAS, of_her, tmp_path / "cpas")} == {"recorded"}
    platform.settle()
    before = platform.leaves()

    (receipt,) = emit(platform.home, AUTHORITY, [fact("edition.retired", **named)], tmp_path / "authority")
    assert receipt.outcome == "recorded"
    streams = {
        "intake": (f"participation/{WOMAN}", 1),
        "sessions": (f"participation/{WOMAN}", 1),
        "groups": (f"group/{GROUP}", 2),
    }
    for service, (stream, number) in streams.items():
        assert wait_until(lambda s=service, t=stream, n=number: platform.ask(s, _EMPTIED, t) == [(n, n)], 60, 0.2), (  # type: ignore[misc]
            platform.told(service)
        )
    for service in streams:
        assert platform.ask(service, "select count(*) from sealed.key where wrapped is not null") == [(0,)]
        assert platform.ask(service, "select count(*) from sealed.block") == [(0,)]
    assert platform.ask("intake", "select count(*) from person.mapping") == [(0,)]

    head = platform.settle()
    assert head["alarms"] == 0
    after = platform.leaves()
    whole = [leaf.event for leaf in after if leaf.body]
    told = [event["data"]["ground"] for event in whole if event["type"] == "miriam.key.destroyed.v1"]
    assert told == ["retired", "retired"]
    assert [leaf.hash for leaf in after][: len(before)] == [leaf.hash for leaf in before]
    # Reporting empties its leaves too, and every service's numbers and hashes are still those of the ledger.
    of_the_edition = [leaf.position for leaf in before if leaf.event["subject"] in (WOMAN, GROUP)]
    emptied = "select count(*) from ledger.leaf where body is null and data is null and position = any (%s)"
    assert wait_until(lambda: platform.ask("reporting", emptied, of_the_edition) == [(4,)], 60, 0.2)
    assert [leaf.hash for leaf in platform.leaves()] == [leaf.hash for leaf in after]
    platform.miriam("audit", "reconcile")

    late = fact("session.missed", **named, id="late")
    (refused,) = emit(platform.home, CPAS, [late], tmp_path / "cpas")
    assert [problem["code"] for problem in refused.content["problems"]] == ["edition_retired"]
