"""Of any history, the bundle of each scope proves what it holds: none leaves out a leaf that its figures rest on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import migrated
import pytest
from bundle_altering import files_of, judge
from bundle_scenario import Programme
from histories import seeded

from miriam_local.databases import DatabaseAccess
from miriam_reporting.audit.bundle import Asked, Scope, make


@pytest.fixture
def empty(new_database: Callable[..., DatabaseAccess], tmp_path: Path) -> Programme:
    access = new_database("reporting_bundle_random", migrated.reporting)
    return Programme(access, tmp_path)


@pytest.mark.parametrize(("seed", "size", "copies"), [(15, 250, 1), (12, 700, 2), (13, 1500, 4), (14, 60, 1)])
def test_every_scope_of_a_random_history_agrees(empty: Programme, seed: int, size: int, copies: int) -> None:
    empty.ledger.bodies = seeded(seed, size, copies=copies)
    head = empty.load()
    empty.sign_head()
    editions = {json.loads(body)["subject"] for body in empty.ledger.bodies if b"edition.opened" in body}
    with empty.app, empty.app.cursor() as cursor:
        cursor.execute("select distinct cpas from facts.cpas where until_position > %s and not retracted", (head,))
        centres = [str(cpas) for (cpas,) in cursor.fetchall()]
    scopes = [Scope(), Scope("edition"), *(Scope("cpas", cpas) for cpas in centres[:5])]
    shown: set[str] = set()
    try:
        for number, scope in enumerate(scopes):
            for position in (None, head * 2 // 3) if number < 3 else (None,):
                out = empty.folder / "bundle.zip"
                made = make(empty.app, Asked("2023", scope, position, out, empty.log, empty.trust))
                found = judge(files_of(out), empty.authority_pub, every=True)
                assert found.untrue == [], f"{scope} at {position}: {found.untrue[:5]}"
                if scope.kind == "cpas":
                    shown.update(made.codes)
    finally:
        empty.close()
    assert {"I07", "I10", "D03"} <= shown
    assert editions
