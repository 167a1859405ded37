"""The `miriam` command itself."""

from __future__ import annotations

import os
import sys
from importlib.metadata import distributions
from typing import Any

import click

from miriam_cli import plugins
from miriam_cli.exits import Exit, Failure

_EPILOG = """\b
Exit codes: 0 done · 1 a difference or a refusal was found · 2 wrong usage · 3 something is missing ·
4 a service does not answer · 5 our own fault.
Completion: eval "$(_MIRIAM_COMPLETE=bash_source miriam)"   (zsh_source and fish_source likewise)
"""


_HELP = {"help_option_names": ["-h", "--help"]}
# What a group is for; its commands come from several packages, so none of them can say it.
_GROUPS = {
    "audit": "Check what the platform claims: proofs, witnesses, bundles, samples, views.",
    "privacy": "The data protection officer's register: requests of persons, their deadlines, what was done.",
    "projections": "The fact tables behind the figures: how far they are, and filling them anew.",
}


class PluginGroup(click.Group):
    """A group whose commands are found among the installed packages, each loaded when it is asked for.

    `of` names the group of entry points that it holds; the whole has none.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of = of

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        inner = set() if self._of else plugins.groups()
        return sorted({*super().list_commands(ctx), *plugins.found(self._of), *inner})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None when no package brings it."""
        own = super().get_command(ctx, cmd_name)
        points = plugins.found(self._of).get(cmd_name)
        if own or points:
            return own or plugins.load(cmd_name, points or [])
        if not self._of and cmd_name in plugins.groups():
            return PluginGroup(cmd_name, of=cmd_name, help=_GROUPS.get(cmd_name), context_settings=_HELP)
        return None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an exception that nobody expected becomes an INTERNAL failure, without a trace.

        `MIRIAM_TRACE=1` shows the trace: it may hold personal values, so it is never shown unasked.
        """
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as problem:
            if os.environ.get("MIRIAM_TRACE") == "1":
                raise
            raise Failure(
                Exit.INTERNAL,
                f"{type(problem).__name__} in `{ctx.invoked_subcommand or 'miriam'}`",
                "run it again with MIRIAM_TRACE=1 to see where, and report it",
            ) from problem


def _show_versions(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    versions = {each.name: each.version for each in distributions() if (each.name or "").startswith("miriam-")}
    for name in sorted(versions):
        click.echo(f"{name} {versions[name]}")
    ctx.exit(Exit.OK)


@click.group(cls=PluginGroup, epilog=_EPILOG, context_settings=_HELP)
@click.option("--version", is_flag=True, callback=_show_versions, expose_value=False, is_eager=True, help="Versions.")
def cli() -> None:
    """Miriam: facts of the programme, recorded for good, and the figures that rest on them."""


def main() -> None:
    """Entry point of the console script."""
    sys.exit(cli.main(prog_name="miriam"))
