"""Finding the commands: each package names its own under the entry point group `miriam.commands`.

A command's module is imported only when it is asked for, so that one package's slow or broken import burdens no other.
A name with a dot, as `audit.prove`, is a command of a group (`miriam audit prove`): several packages may bring to one.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

import click

from miriam_cli.exits import Exit, Failure

GROUP = "miriam.commands"


def found(group: str = "") -> dict[str, list[EntryPoint]]:
    """The entry points by command name, of the whole or of a group; two to a name are a clash, which `load` reports."""
    by_name: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        inside, _, name = point.name.rpartition(".")
        if inside == group:
            by_name.setdefault(name, []).append(point)
    return by_name


def groups() -> set[str]:
    """The names of the groups to which packages bring commands."""
    return {point.name.rpartition(".")[0] for point in entry_points(group=GROUP)} - {""}


def load(name: str, points: list[EntryPoint]) -> click.Command:
    """The command behind a name; where it cannot be had, one that says so and ends with PREREQUISITE."""
    if len({point.value for point in points}) > 1:
        packages = ", ".join(sorted({_package(point) for point in points}))
        return _unavailable(name, f"more than one package brings `{name}`: {packages}", "uninstall all but one")
    point = points[0]
    try:
        command = point.load()
    # Whatever a module does while it is imported, the other commands must go on working.
    except Exception as problem:
        why = f"`{name}` of {_package(point)} cannot be loaded: {type(problem).__name__}: {problem}"
        return _unavailable(name, why, "run `make setup`; if it stays, the package is broken")
    if not isinstance(command, click.Command):
        why = f"`{name}` of {_package(point)} is no command: {point.value} is a {type(command).__name__}"
        return _unavailable(name, why, "mend the package's entry point")
    return command


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module


def _unavailable(name: str, why: str, next_step: str) -> click.Command:
    def fail() -> None:
        raise Failure(Exit.PREREQUISITE, why, next_step)

    return click.Command(
        name,
        callback=fail,
        help=f"(unavailable) {why}",
        short_help="(unavailable: run it to see why)",
        # Whatever was typed behind it, the answer is why it is not there.
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
