"""`miriam emit --follow` as a command, with its exit codes."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from miriam_cli import output
from miriam_cli.exits import Exit, Failure
from miriam_emitter import answers
from miriam_emitter.emitter import Emitter
from miriam_emitter.following.run import follow
from miriam_emitter.following.sources import Stream, Tail
from miriam_emitter.reader import Reader
from miriam_emitter.settings import Settings
from miriam_emitter.showing import Watch

_FAREWELL = 5.0
_MOST_LISTED = 1000


def run(settings: Settings, file: str, wait: float | None, usual: float, language: str, as_json: bool) -> None:
    """Follow, print what came of it, and leave with the code that it earned. Raises EmitterError and Failure."""
    path = Path(file)
    with ExitStack() as open_:
        sender = open_.enter_context(Emitter(settings))
        reader = open_.enter_context(Reader(settings.spool))
        advance = open_.enter_context(output.progress(f"Following as {settings.id}", None, silent=as_json))
        watch = Watch(advance, as_json)
        begun = reader.last_number()
        source: Tail | Stream
        if file == "-":
            source = Stream(click.open_file("-", "rb"))
        else:
            source = Tail(path, sender.spool.secret, sender.spool.recall(Tail.name(path)), watch.say)
        patience = usual if wait is None else wait or None
        farewell = _FAREWELL if wait is None else wait
        done = follow(sender, source, watch, _loudly, patience, farewell)
        rules = answers.Rules()
        refusals: list[dict[str, Any]] = []
        for receipt in reader.refused_since(begun):
            refusal = answers.row(receipt, language)
            rules.add(refusal)
            if len(refusals) < _MOST_LISTED:
                refusals.append(refusal)
        found: dict[str, Any] = {
            "emitter": settings.source,
            **{put.value: count for put, count in done.counts.items()},
            "rejected": done.rejected,
            **reader.count_since(begun),
            "waiting": done.waiting,
            "rules": rules.found(),
            "refusals": refusals,
            "rejections": done.rejections,
        }
    output.emit(found, as_json, lambda console: answers.render_summary(console, found))
    if done.waiting:
        raise Failure(
            Exit.UNREACHABLE,
            f"{done.waiting} events have no receipt yet",
            "they are safe in the spool; follow or emit again",
        )
    if found["refused"] or done.rejected:
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def _loudly(text: str) -> None:
    """To whoever looks at standard error, also where a program reads the rest."""
    click.echo(text, err=True)
