"""Rows of evidence come in one order, to the last column: rows that tie would follow a plan, and plans change."""

from __future__ import annotations

from typing import Any

import pytest
from bundle_scenario import EDITION, Programme

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports import explain

_COUNTED = ("numerator", "denominator", "excluded")


def key(row: Any) -> tuple[Any, ...]:
    """What rows are ordered by; what is missing comes last, as in SQL."""
    names = (row.reason, row.position, row.unit, row.cpas, row.project, row.region, row.event_id, row.amount)
    return (_COUNTED.index(row.counted), *((each is None, each or "") for each in names[:1]), *names[1:3],
            *((each is None, each if each is not None else 0) for each in names[3:]))  # fmt: skip


@pytest.mark.parametrize("code", indicators())
def test_every_row_has_its_place(programme: Programme, code: str) -> None:
    for plan in ("off", "on"):
        with programme.app, programme.app.cursor() as cursor:
            # Other plans yield rows in other orders.
            cursor.execute(f"set enable_hashjoin = {plan}; set enable_hashagg = {plan}")
        try:
            rows = list(explain(programme.app, EDITION, code).evidence)
        finally:
            with programme.app, programme.app.cursor() as cursor:
                cursor.execute("reset enable_hashjoin; reset enable_hashagg")
        assert rows == sorted(rows, key=key)
