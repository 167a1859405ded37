"""The table that a person reads."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from miriam_bench.model import Row


def table(machine: Mapping[str, Any], rows: Sequence[Row], failed: Mapping[str, str]) -> None:
    """Print machine, rows and what was not measured."""
    screen = Console(width=None if Console().is_terminal else 150)
    screen.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; Python {machine['python']}, "
        f"PostgreSQL {machine['postgresql']}, RabbitMQ {machine['rabbitmq']}; load {machine['load'][0]}; "
        f"medians of {machine['rounds']} interleaved rounds, scale {machine['scale']:g}, {machine['seconds']} s",
        highlight=False,
    )
    made = Table(show_lines=False)
    for name in ("row", "ours", "peers", "ratio", "bar", ""):
        made.add_column(name, justify="right" if name in ("ours", "ratio", "bar") else "left")
    for row in rows:
        peers = "\n".join(f"{name} {_number(statistics.median(v))}" for name, v in row.peers.items() if v)
        peers += "".join(f"\n[dim]({name} {_number(statistics.median(v))})[/]" for name, v in row.others.items() if v)
        verdict = "[green]met[/]" if row.met else f"[red]MISSED[/]: {row.limits}"
        made.add_row(row.name, f"{_number(row.median)} {row.unit}", peers, _ratio(row.ratio), _bar(row), verdict)
    screen.print(made)
    for row in rows:
        if row.notes:
            screen.print(f"[bold]{row.name}[/]: {row.notes}", highlight=False)
    for name, why in failed.items():
        screen.print(f"[red]{name} was not measured[/]: {why}", highlight=False, markup=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} x"


def _bar(row: Row) -> str:
    parts = []
    if row.bar.value is not None:
        parts.append(f"{_number(row.bar.value)} {row.unit}")
    if row.bar.ratio is not None:
        parts.append(f"{row.bar.ratio:g} x")
    return ", ".join(parts)
