"""`make fuzz`: spoilt events and requests at the doors of a platform of its own, until a promise breaks or all went.

    tests/fuzz/run.py amqp --count 100000 --seed 7

Exit codes: 0 nothing broke, 1 a promise broke (what broke it is in a file), 2 wrong usage, 3 something is missing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import amqp_part
import click
import http_part
from asking import Asked, Outcome
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, progress
from miriam_local.errors import MissingPrerequisite

Part = Callable[[Asked, Callable[[int], None]], Outcome]
# A module of this folder each.
PARTS: dict[str, Part] = {"amqp": amqp_part.run, "http": http_part.run}


@click.command(help=__doc__)
@click.argument("part", type=click.Choice([*PARTS, "all"]), default="all")
@click.option(
    "--count", default=100_000, show_default=True, type=click.IntRange(1), help="How many to send, each part."
)
@click.option("--seed", type=int, help="The same seed sends the same; drawn and printed where none is given.")
@click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Send what a file holds.")
@click.option("--keep", default=Path("fuzz-counterexamples"), show_default=True, type=click.Path(path_type=Path),
              help="The folder for what breaks a promise.")  # fmt: skip
@json_option
def main(part: str, count: int, seed: int | None, replay: Path | None, keep: Path, as_json: bool) -> None:
    """Run the parts one after the other."""
    chosen = PARTS if part == "all" else {part: PARTS[part]}
    if replay is not None and len(chosen) > 1:
        raise Failure(Exit.USAGE, "--replay wants the part that wrote the file", f"name one of {', '.join(PARTS)}")
    drawn = secrets.randbelow(2**31) if seed is None else seed
    click.echo(f"seed {drawn}", err=True)
    asked = Asked(count, drawn, replay, keep.resolve())
    outcomes: dict[str, Outcome] = {}
    for name, run in chosen.items():
        try:
            with progress(f"{name}: {count:,} sent", count, silent=as_json) as told:
                outcomes[name] = run(asked, told)
        except MissingPrerequisite as problem:
            raise Failure(Exit.PREREQUISITE, str(problem.args[0]), problem.next_step) from None
    emit({"seed": drawn, "parts": {name: asdict(each) for name, each in outcomes.items()}}, as_json,
         lambda screen: _show(screen, outcomes))  # fmt: skip
    broken = {name: each for name, each in outcomes.items() if each.broken}
    if broken:
        name, first = next(iter(broken.items()))
        again = f"--replay {first.counterexample}" if first.counterexample else f"--count {count} --seed {drawn}"
        raise Failure(Exit.DIFFERENCE, f"{name}: {first.broken}", f"mend it, then tests/fuzz/run.py {name} {again}")


def _show(screen: Console, outcomes: dict[str, Outcome]) -> None:
    for name, each in outcomes.items():
        screen.print(
            f"{name}: {each.sent:,} sent in {each.seconds:.0f} s, {'broken' if each.broken else 'nothing broke'}"
        )
        for label, found in each.found.items():
            screen.print(f"  {label}: " + ", ".join(f"{key} {number:,}" for key, number in found.items()))
