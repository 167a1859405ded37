"""Exit codes, and the one way for a command to fail: with a code, what happened, and the next step."""

from __future__ import annotations

from enum import IntEnum
from typing import IO, Any

import click


class Exit(IntEnum):
    """What the exit code of every `miriam` command means."""

    OK = 0
    DIFFERENCE = 1  # a check found a difference, or a fact was refused
    USAGE = 2  # the command line itself is wrong
    PREREQUISITE = 3  # something must be installed, set or made first
    UNREACHABLE = 4  # a service, the broker or the database does not answer
    INTERNAL = 5  # our own fault


class Failure(click.ClickException):
    """Ends a command. The reader sees `message`, then `next_step`; the shell sees `code`.

    Neither text may hold a value of an event's payload: terminals are logged.
    """

    def __init__(self, code: Exit, message: str, next_step: str = "") -> None:
        super().__init__(message)
        # click types it as one value a class; here each failure has its own.
        vars(self)["exit_code"] = int(code)
        self.next_step = next_step

    def show(self, file: IO[Any] | None = None) -> None:
        """Print to standard error, so that what `--json` prints on standard output stays JSON."""
        click.secho("Error: ", fg="red", bold=True, nl=False, err=file is None, file=file)
        click.echo(self.message, err=file is None, file=file)
        if self.next_step:
            click.secho("Next:  ", bold=True, nl=False, err=file is None, file=file)
            click.echo(self.next_step, err=file is None, file=file)
