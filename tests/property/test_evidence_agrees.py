"""Behind each figure both implementations name the same evidence: units, events, and how each counts."""

from __future__ import annotations

import pytest
from histories import seeded
from reporting_database import ReportingDatabase

from miriam_verify import INDICATORS, Edition, Register, Row, read_ledger


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [4, 23])
def test_both_name_the_same_rows_behind_every_figure_at_the_total(reporting: ReportingDatabase, seed: int) -> None:
    bodies = seeded(seed, 300)
    reporting.load(bodies)
    edition = Edition(Register(read_ledger(bodies)), "2023")
    compared = 0
    for indicator in INDICATORS:
        rows: dict[str, set[Row]] = {part.key: set() for part in indicator.parts}
        for row in indicator.rows(edition):
            rows.setdefault(row.part, set()).add(row)
        for part, ours in rows.items():
            theirs = reporting.evidence("2023", indicator.code, part)
            assert ours == theirs, f"{indicator.code} {part!r}"
            compared += len(ours)
    assert compared > 500
