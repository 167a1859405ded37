"""`miriam emit` and `miriam receipts`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from miriam_cli import output
from miriam_cli.exits import Exit, Failure
from miriam_contracts.problems import LANGUAGES, describe
from miriam_emitter import answers, errors
from miriam_emitter.emitter import Emitter
from miriam_emitter.events import problems
from miriam_emitter.files import read_lines
from miriam_emitter.reader import Reader
from miriam_emitter.settings import TRANSPORTS, Settings
from miriam_emitter.showing import Watch
from miriam_emitter.spool import Put

_PATIENCE = 60.0
_CODES: tuple[tuple[type[errors.EmitterError], Exit], ...] = (
    (errors.EventRejected, Exit.USAGE),
    (errors.Unreachable, Exit.UNREACHABLE),
    (errors.EmitterError, Exit.PREREQUISITE),
)

_as = click.option("--as", "emitter", required=True, metavar="ID", help="The emitter, as `miriam cpas add` named it.")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_spool = click.option("--spool", type=click.Path(dir_okay=False, path_type=Path), help="A spool other than its usual.")
_lang = click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="The language of reasons.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), required=False)
@_as
@_spool
@_lang
@click.option("--over", type=click.Choice(TRANSPORTS), help="Over AMQP or HTTP (as the credentials say).")
@click.option("--follow", is_flag=True, help="Take each line as it comes, until interrupted.")
@click.option(
    "--wait", type=float, metavar="SECONDS", help="How long without any receipt. 0: for ever. (60; --reconcile: 10)"
)
@click.option("--check", is_flag=True, help="Say what would be refused of form and contract; send nothing.")
@click.option("--again", is_flag=True, help="Send once more what was sent before.")
@click.option("--reconcile", "audit", is_flag=True, help="Send nothing: prove each kept receipt against the ledger.")
@click.option("--trust", type=_file, help="With --reconcile: the authority's keys (default: AUTHORITY.pub).")
@output.json_option
def emit(
    file: str | None,
    emitter: str,
    spool: Path | None,
    lang: str,
    over: str | None,
    follow: bool,
    wait: float | None,
    check: bool,
    again: bool,
    audit: bool,
    trust: Path | None,
    as_json: bool,
) -> None:
    """Emit the events of FILE, one JSON object a line, and wait for their receipts ("-" is standard input).

    A line is a whole CloudEvent or its short form: type, subject, data, id, time. All lines are taken, or none. What
    was taken is safe in the spool: interrupted, or run twice, nothing is lost and nothing counts twice.

    With --follow, lines are taken as they come, from a file that others write (also one that is truncated or replaced
    now and then) or from standard input, until its end, Ctrl-C or SIGTERM. A line that cannot be sent is told, and the
    others go on. Run again on the same file it goes on behind the last line that was taken.

    With --reconcile, and without FILE, nothing is sent: each receipt that was kept is proved against the newest head
    of the ledger that a witness cosigned, and each event that stands there under our name must be one of ours. What is
    on its way is given --wait seconds.

    Exit code 0: all recorded (now or before), or all proved; 1: some refused, a difference found, or with --follow a
    line that cannot be sent; 2: a line cannot be sent; 3: no credentials or keys, or the spool cannot be used; 4: no
    answer within --wait (with --follow: 5 seconds after an interruption).
    """
    with _failing(), _quietly():
        settings = Settings.load(emitter, spool, over=over or "", language=lang)
        if audit:
            if file is not None:
                raise Failure(Exit.USAGE, "--reconcile sends nothing", "leave FILE out, or leave out --reconcile")
            _reconcile(settings, trust, wait, as_json)
            return
        if file is None:
            raise click.UsageError("Missing argument 'FILE'.")
        if follow:
            if check or again:
                raise Failure(Exit.USAGE, "--follow goes with neither --check nor --again", "leave one of them out")
            _follow(settings, file, wait, lang, as_json)
            return
        try:
            with click.open_file(file, "rb") as lines:
                events, numbers = read_lines(lines)
        except errors.EventRejected as problem:
            raise _at(problem, problem.index) from None
        if check:
            _check(events, numbers, settings, lang, as_json)
            return
        with Emitter(settings) as sender:
            try:
                done = sender.put(events, again)
            except errors.EventRejected as problem:
                raise _at(problem, None if problem.index is None else numbers[problem.index]) from None
            trouble = _run(sender, _PATIENCE if wait is None else wait or None, as_json)
            ids = [event["id"] for event in events]
            found = {
                "emitter": settings.source,
                **{put.value: done.count(put) for put in Put},
                **answers.summary(ids, sender.spool.answers(ids), lang),
            }
        output.emit(found, as_json, lambda console: answers.render_summary(console, found))
        if trouble is not None:
            raise trouble
        if found["refused"]:
            raise click.exceptions.Exit(Exit.DIFFERENCE)


@click.command()
@_as
@_spool
@_lang
@click.option("--refused", is_flag=True, help="Refusals only, with every reason.")
@click.option("--limit", type=click.IntRange(1), default=100, help="At most so many, the latest first.")
@output.json_option
def receipts(emitter: str, spool: Path | None, lang: str, refused: bool, limit: int, as_json: bool) -> None:
    """List the receipts that an emitter keeps, also while it is emitting."""
    with _failing():
        settings = Settings.load(emitter, spool)
        with Reader(settings.spool) as reader:
            kept = reader.latest("refused" if refused else None, limit)
        rows = [answers.row(receipt, lang) for receipt in kept]
        table = answers.refusal_table if refused else answers.receipt_table
        output.emit(rows, as_json, lambda console: console.print(table(rows)))


def _run(sender: Emitter, patience: float | None, silent: bool) -> errors.Unreachable | None:
    """Drain the spool under a progress bar; the trouble that made it stop."""
    total = sender.spool.count_waiting()
    with output.progress(f"Emitting as {sender.settings.id}", total, silent=silent) as advance:
        try:
            sender.run(progress=Watch(advance, silent), patience=patience)
        except errors.Unreachable as problem:
            return problem
    return None


def _follow(settings: Settings, file: str, wait: float | None, language: str, as_json: bool) -> None:
    """Take what comes until the end."""
    from miriam_emitter.following import command

    command.run(settings, file, wait, _PATIENCE, language, as_json)


def _reconcile(settings: Settings, trust: Path | None, wait: float | None, as_json: bool) -> None:
    """Prove the kept receipts, and say what differs."""
    from miriam_emitter.reconcile import command

    # The usual patience is for receipts; what is recorded is in the ledger within seconds.
    command.run(settings, trust, 10.0 if wait is None else wait, as_json)


def _check(events: list[dict[str, Any]], numbers: list[int], settings: Settings, language: str, as_json: bool) -> None:
    found = [
        {"line": number, "id": event.get("id"), "field": p.field, "code": p.code, "why": describe(p, language)}
        for event, number in zip(events, numbers, strict=True)
        for p in problems(event, settings)
    ]
    columns = ["line", "id", "field", "why"]
    output.emit(
        {"events": len(events), "problems": found},
        as_json,
        lambda console: console.print(
            output.table("", columns, [[each[name] for name in columns] for each in found])
            if found
            else f"{len(events)} events keep their contract."
        ),
    )
    if found:
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def _at(problem: errors.EventRejected, line: int | None) -> errors.EventRejected:
    where = "" if line is None else f"line {line}: "
    return errors.EventRejected(f"{where}{problem.args[0]}; nothing was taken", problem.next_step)


@contextmanager
def _failing() -> Iterator[None]:
    """Turn the emitter's errors into exit codes."""
    try:
        yield
    except errors.EmitterError as problem:
        code = next(code for kind, code in _CODES if isinstance(problem, kind))
        raise Failure(code, str(problem.args[0]), problem.next_step) from problem


@contextmanager
def _quietly() -> Iterator[None]:
    """Say each trouble once, in our words: pika logs eight lines for every attempt to connect."""
    for name in ("pika", "miriam_emitter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    yield
