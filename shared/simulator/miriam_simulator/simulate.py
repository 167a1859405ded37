"""`miriam simulate`: an edition made up from a seed, into files or through the broker."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from miriam_cli import output
from miriam_cli.exits import Exit
from miriam_simulator import editions, files, sending, signing
from miriam_simulator.platform_calls import miriam
from miriam_simulator.scenarios import DEFAULT_SEED, Scenario, scenario

_SURPRISES_SHOWN = 10

seed_option = click.option("--seed", default=DEFAULT_SEED, show_default=True, help="The same seed, the same edition.")
scale_option = click.option(
    "--scale", default=1.0, show_default=True, type=click.FloatRange(0.02, 200), help="1 is the programme's own size."
)


@click.command()
@click.argument("name", metavar="SCENARIO", type=click.Choice(editions.names()))
@seed_option
@scale_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write one file an emitter into DIR.")
@click.option(
    "--signing-keys", type=click.Path(file_okay=False, path_type=Path), help="Write the CPAS's signing keys into DIR."
)
@click.option("--emit", is_flag=True, help="Send it through the emitters and the broker; `miriam up` comes first.")
@output.json_option
def simulate(
    name: str, seed: int, scale: float, out: Path | None, signing_keys: Path | None, emit: bool, as_json: bool
) -> None:
    """Make up SCENARIO (2023-2024 or 3.0): the emissions of the authority, the CPAS and the data protection officer.

    All data are invented. Without --out and --emit it only counts. Exit code 1: an answer was not the one foreseen.
    """
    played = scenario(name, seed, scale)
    result: dict[str, Any] = {"scenario": name, "seed": seed, "scale": scale, "simulated": True, "note": files.WARNING}
    if out is not None:
        result["files"] = files.write(played, out)
        result["folder"] = str(out)
    if signing_keys is not None:
        result["signing_keys"] = len(signing.write(signing_keys, cpas_of(played)))
    if emit:
        result |= as_result(send(played, as_json))
    else:
        result["emissions"] = count(played)
    output.emit(result, as_json, lambda screen: _show(screen, result))
    if result.get("surprises"):
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def cpas_of(played: Scenario) -> list[str]:
    """The CPAS that take part, by id."""
    return sorted({emitter for kind, emitter in played.emitters() if kind == "cpas"})


def count(played: Scenario) -> dict[str, int]:
    """How many emissions of each kind, and how many emitters."""
    found: Counter[str] = Counter()
    for diary in played.diaries():
        found["emitters"] += 1
        for item in diary.items:
            found["emissions"] += 1
            found[item.expect] += 1
    return dict(found)


def send(played: Scenario, silent: bool, patience: float = 60.0) -> sending.Sent:
    """Admit the emitters and send, under one progress bar."""
    steps = output.Steps(silent=silent)
    by_kind: dict[str, list[str]] = {}
    for kind, emitter in played.emitters():
        by_kind.setdefault(kind, []).append(emitter)
    with steps.waiting(f"admitting {sum(map(len, by_kind.values()))} emitters"):
        for kind, emitters in by_kind.items():
            admitted = miriam("cpas", "add", "--kind", kind, *emitters)
            if kind == "cpas":
                # Beside the credentials, so that `miriam sign` can be tried at once.
                signing.write(Path(admitted[0]["credentials"]).parent, emitters)
    with output.progress("sending, and waiting for each receipt", count(played)["emissions"], silent=silent) as advance:
        return sending.send(played, advance, patience)


def as_result(sent: sending.Sent) -> dict[str, Any]:
    """What was sent, as printed with --json."""
    return {
        "emissions": sent.emissions,
        "sent": sent.added,
        "receipts": dict(sent.answers),
        "seconds": round(sent.seconds, 1),
        "changed": sent.added > 0,
        "surprises": sent.surprises,
    }


def show_sent(screen: Console, result: dict[str, Any]) -> None:
    """Say what was sent and how it was answered."""
    if not result["changed"]:
        screen.print(
            f"Nothing changed: all {result['emissions']} emissions had their receipts already, and none was sent."
        )
    else:
        receipts = ", ".join(f"{number} {outcome}" for outcome, number in result["receipts"].items() if number)
        rate = result["sent"] / max(result["seconds"], 0.1)
        screen.print(f"{result['sent']} sent in {result['seconds']} s ({rate:.0f} a second): {receipts}.")
    if result["surprises"]:
        screen.print(f"[red]{len(result['surprises'])} answers were not the ones foreseen:[/]")
        for line in result["surprises"][:_SURPRISES_SHOWN]:
            screen.print(f"  {line}", markup=False)
    elif result["changed"]:
        screen.print("Every answer is the one that the generator foresaw, down to the rule that refused it.")


def _show(screen: Console, result: dict[str, Any]) -> None:
    screen.print(f"[yellow]{result['note']}[/]")
    if "files" in result:
        screen.print(f"{sum(result['files'].values())} emissions in {len(result['files'])} files: {result['folder']}")
    if "sent" in result:
        show_sent(screen, result)
    else:
        rows = list(result["emissions"].items())
        screen.print(output.table("", ["", "number"], rows, right=["number"]))
