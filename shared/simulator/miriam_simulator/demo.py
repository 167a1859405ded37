"""`miriam demo`: the 2023-24 edition from 45 CPAS, through the broker, to its report beside the published figures."""

import shutil
from decimal import Decimal
from typing import Any

import click
from rich.console import Console

from miriam_cli import output
from miriam_cli.exits import Exit
from miriam_simulator import files
from miriam_simulator.editions import load
from miriam_simulator.platform_calls import miriam, reporting_address, wait_until_projected
from miriam_simulator.scenarios import scenario
from miriam_simulator.simulate import as_result, scale_option, seed_option, send, show_sent

EDITION = "2023-2024"
# Whose coordinator may look at its own figures.
_CPAS = "anderlecht"
_NEXT = (
    (f"miriam report {EDITION} --by region", "every figure, by region (or cpas, project)"),
    (f"miriam explain {EDITION} I04 --cpas anderlecht", "the events behind one figure"),
    ("make audit", "sign and publish the report, then check all of it, trusting nobody"),
    ("miriam receipts --as anderlecht --refused", "what a CPAS was refused, and why"),
    ("miriam cpas add --test test-acme", "a test CPAS, to connect a system of yours (see README)"),
    ("miriam status", "what runs here; `miriam down` stops it and loses nothing"),
)


@click.command()
@seed_option
@scale_option
@output.json_option
def demo(seed: int, scale: float, as_json: bool) -> None:
    """Play the 2023-24 edition through the real doors and print its report. All data are invented.

    `miriam up` comes first. It can be run again: what has been answered is not sent twice, and nothing changes but the
    links at its end, which sign somebody in at the pages, once each.
    Exit code 1: an answer was not the one foreseen.
    """
    steps = output.Steps(silent=as_json)
    played = scenario(EDITION, seed, scale)
    address = reporting_address()
    sent = send(played, as_json)
    with steps.waiting("waiting until reporting has counted it all"):
        tallied = miriam("tally")["services"]
        recorded = {service: answer["sequence"] for service, answer in tallied.items()}
        position = wait_until_projected(address, recorded)
    report = miriam("report", EDITION)
    result: dict[str, Any] = {
        "edition": EDITION,
        "seed": seed,
        "scale": scale,
        "simulated": True,
        "note": files.WARNING,
        **as_result(sent),
        "position": position,
        "figures": compare(report["figures"]),
        "next": [command for command, _ in _NEXT],
        "look": miriam("tokens", "sign-in", "--all", "--cpas", _CPAS),
    }
    output.emit(result, as_json, lambda screen: _show(screen, result))
    if sent.surprises:
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def compare(figures: list[dict[str, Any]], edition: str = EDITION) -> list[dict[str, Any]]:
    """The figures that were published, each beside the simulated one (null where the report has none)."""
    found = {(figure["code"], _key(figure["by"])): figure for figure in figures}
    rows = []
    for published in load("published")[edition]:
        figure = found.get((published["code"], _key(published["by"])))
        told = {name: figure[name] if figure else None for name in ("numerator", "denominator", "value", "unit")}
        if figure and "detail" in published:
            told["value"] = figure["detail"][published["detail"]]
        rows.append({**published, "simulated": told})
    return rows


def _written(told: dict[str, Any]) -> str:
    value, unit = told["value"], told["unit"]
    if value is None:
        return "-"
    number = f"{value:,}" if isinstance(value, int) else f"{Decimal(value):,}"
    return f"{number} {'CPAS' if unit == 'cpas' else unit}"


def _key(by: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(by.items()))


def _show(screen: Console, result: dict[str, Any]) -> None:
    show_sent(screen, result)
    rows = []
    for row in result["figures"]:
        told = row["simulated"]
        published = f"{row['published']} ({row['of']})" if row["published"] else ""
        of = (
            ""
            if told["denominator"] is None or row["code"] not in ("I04", "I06")
            else f"of {told['denominator']:,} women"
        )
        rows.append([row["code"], row["name"], published, _written(told), of])
    screen.print()
    columns = ["", "figure", "published (edition)", "SIMULATED", ""]
    title = f"Miriam {EDITION}, at position {result['position']:,} of the ledger"
    screen.print(output.table(title, columns, rows, right=["SIMULATED"]))
    screen.print(f"[yellow]Simulated.[/] {result['note']} Only the column `published` is real.")
    screen.print()
    for command, what in _NEXT:
        screen.print(f"  {command:50} {what}", markup=False)
    if shutil.which("miriam") is None:
        screen.print("  source .venv/bin/activate                          first, so that the shell finds `miriam`")
    screen.print()
    look = result["look"]
    screen.print(f"The pages: {look['pages']}", markup=False, soft_wrap=True)
    screen.print("Each link signs you in once, within the hour; `miriam tokens sign-in ROLE` makes more.", markup=False)
    for each in look["links"]:
        who = f"{each['role']} {each['cpas']}" if each["cpas"] else each["role"]
        # A link that is broken over two lines cannot be pressed.
        screen.print(f"  {who:16} {each['url']}", markup=False, soft_wrap=True)
