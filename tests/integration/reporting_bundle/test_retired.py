"""Bundles of a ledger in which an edition was retired: what is left proves as before, and what is gone is named."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import migrated
import pytest
from bundle_altering import files_of, judge, resigned, with_leaves
from bundle_scenario import Programme
from histories import seeded

import miriam_verify
from miriam_contracts.canonical import canonical
from miriam_local.databases import DatabaseAccess
from miriam_reporting.audit.bundle import Asked, BundleError, Scope, make
from miriam_reporting.retiring import retire_step


def retirement(bodies: list[bytes]) -> bytes:
    """The leaf by which intake records, behind these, that 2024 is retired."""
    events = [json.loads(body) for body in bodies]
    last = max(event["sequence"] for event in events if event["source"] == "/services/intake")
    data = {
        "edition": "2024",
        "occurred_on": "2031-01-01",
        "projects": ["spp:p3", "spp:p4"],
        "retained_until": "2030-12-31",
    }
    event = next(event for event in events if event["source"] == "/services/intake")
    told = {"type": "miriam.edition.retired.v1", "subject": "2024", "origin": "/authority/spp", "originid": "retired"}
    return canonical({**event, **told, "id": str(uuid.uuid4()), "sequence": last + 1, "data": data})


def retired(access: DatabaseAccess, folder: Path, seed: int, size: int) -> Programme:
    """A random history of two editions, of which 2024 is retired at its end."""
    made = Programme(access, folder)
    bodies = seeded(seed, size)
    made.ledger.bodies = [*bodies, retirement(bodies)]
    made.load()
    while retire_step(made.app, 500).more:
        pass
    made.sign_head()
    return made


@pytest.mark.parametrize("seed", [12, 21, 22])
def test_the_other_edition_is_proved_without_the_figures_of_every_source(
    new_database: Callable[..., DatabaseAccess], tmp_path: Path, seed: int
) -> None:
    access = new_database("reporting_bundle_retired", migrated.reporting)
    programme = retired(access, tmp_path, seed, 500)
    out = tmp_path / "bundle.zip"
    try:
        for scope in (Scope(), Scope("edition")):
            made = make(programme.app, Asked("2023", scope, None, out, programme.log, programme.trust))
            files = files_of(out)
            found = judge(files, programme.authority_pub, every=True)
            assert found.untrue == [], scope
            assert not {"D07", "D08"} & set(made.codes)
            if scope.whole:
                said = [why for what, why in found.unproved if what == "retired"]
                assert len(said) == 1
                assert "their bodies were destroyed" in said[0]
                assert files["retired.txt"] != b""
        earlier = len(programme.ledger.bodies) - 1
        with pytest.raises(BundleError, match="emptied later"):
            make(programme.app, Asked("2023", Scope(), earlier, out, programme.log, programme.trust))
    finally:
        programme.close()


def test_a_leaf_cannot_be_hidden_as_retired_where_no_edition_was(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    files = files_of(bundles["ledger"])
    leaves = files["leaves.jsonl"].splitlines()
    hidden = 30
    count = len(leaves)
    altered = {
        **with_leaves(files, [*leaves[: hidden - 1], *leaves[hidden:]]),
        "positions.txt": f"1-{hidden - 1}\n{hidden + 1}-{count}\n".encode(),
        "retired.txt": f"{hidden}-{hidden}\n".encode(),
    }
    codes = [item.code for item in miriam_verify.INDICATORS if item.code not in ("D07", "D08")]
    found = judge(resigned(altered, programme.log, figures=codes), programme.authority_pub)
    assert found.untrue == [("leaves", "1 leaves are said to be retired, and no edition was")]
