"""One manner of printing: tables for people, JSON for programs, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def console(*, errors: bool = False) -> Console:
    """A rich console. Where no terminal gives a width, lines have 120 characters, so that a log keeps whole rows."""
    stream = sys.stderr if errors else sys.stdout
    width = None if stream.isatty() else 120
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def emit(result: Any, as_json: bool, render: Callable[[Console], None]) -> None:
    """Print `result` as JSON where asked, else call `render` with a console for people.

    Raises:
        TypeError: `result` holds something that JSON does not know, as a float is not to be guessed from a Decimal.
    """
    if as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        render(console())


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[str] = ()) -> Table:
    """A table whose cells are printed as they are; the columns named in `right` are aligned right."""
    made = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


class Steps:
    """Says what is being done, a line a step, on standard error. Silent where a program reads along."""

    def __init__(self, silent: bool = False) -> None:
        self._console = console(errors=True)
        self._silent = silent

    def __call__(self, text: str) -> None:
        """Announce the next step."""
        if not self._silent:
            self._console.print(f"[bold cyan]·[/] {text}")

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Announce a step that takes time: a spinner on a terminal, a line elsewhere."""
        if self._silent or not self._console.is_terminal:
            self(text)
            yield
            return
        with self._console.status(text):
            yield
        self(text)


@contextmanager
def progress(label: str, total: int | None, *, silent: bool = False) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; call what it yields with the number of things done since the last call.

    Away from a terminal it prints the label once and the count at the end.
    """
    screen = console(errors=True)
    if silent or not screen.is_terminal:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more

        if not silent:
            screen.print(f"[bold cyan]·[/] {label}")
        yield count
        if not silent:
            screen.print(f"  {done} done")
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=screen) as bar:
        task = bar.add_task(label, total=total)
        yield lambda more: bar.advance(task, more)
