"""`miriam audit witness`: what an authority or a CPAS runs, to see for itself that the ledger is only ever added to."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import console, emit, json_option
from miriam_transparency import rotation
from miriam_transparency import witness as witnessing
from miriam_transparency.keys import KeyFileError, SigningKey, parse_public, read_private, read_public, write_public
from miriam_transparency.log import LogClient, LogRefused, LogUnreachable
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, VerifierKey

_File = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--log", "url", required=True, metavar="URL", help="Where the log answers: reporting's address.")
@click.option("--key", "key_file", required=True, type=_File, help="The witness's private key (audit keygen witness).")
@click.option("--state", required=True, type=_File, help="What the witness saw last; made with the first head.")
@click.option("--trust", type=_File, help="The log's public keys, one a line (default: STATE with the ending .vkeys).")
@click.option("--first", is_flag=True, help="Begin, and believe the keys that the log names now: check them elsewhere.")
@click.option("--from-scratch", is_flag=True, help="Begin with nothing seen, with the keys in the trusted file.")
@click.option("--follow", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Go on, looking every so often.")
@json_option
def witness(
    url: str, key_file: Path, state: Path, trust: Path | None, first: bool, from_scratch: bool, follow: float | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Look at the newest signed head of the log at URL and cosign it, if it continues what was seen before.

    Refused, with exit code 1 and what the log showed kept beside STATE: a fork, a shrunken or rewritten log, a head
    that no trusted key signed, another log. Nothing is cosigned as long as that stands.
    """
    trust = trust or state.with_suffix(".vkeys")
    try:
        log = LogClient(url)
        key = _key(key_file)
        if first or from_scratch:
            _begin(log, key, state, trust, pin=first)
        watch = witnessing.Witness(key, read_public(trust), state, former=_former(key_file))
        with watch.holding():
            while True:
                seen = _look(watch, log, patient=follow is not None)
                if follow is None:
                    _say(_told(seen), as_json)
                    return
                if seen is not None and seen.signed:
                    _say(_told(seen), as_json)
                time.sleep(follow)
                # A new key of the log is trusted once it stands in the file.
                watch.trust(read_public(trust))
    except witnessing.Refused as refused:
        kept = f"what the log showed is kept in {refused.evidence}; " if refused.evidence else ""
        if as_json:
            evidence = str(refused.evidence) if refused.evidence else None
            emit({"refused": refused.reason.name.lower(), "detail": str(refused), "evidence": evidence}, True, print)
        raise Failure(
            Exit.DIFFERENCE, f"REFUSED, nothing was cosigned: {refused}", f"{kept}tell the authority and the auditors"
        ) from refused
    except witnessing.NothingRemembered as nothing:
        raise Failure(
            Exit.PREREQUISITE, f"this witness remembers nothing: {nothing}",
            "bring the state back; or begin anew with --first or --from-scratch, which believes what the log shows now",
        ) from nothing  # fmt: skip
    except (witnessing.AlreadyRuns, KeyFileError) as problem:
        raise Failure(Exit.PREREQUISITE, str(problem)) from problem
    except LogUnreachable as problem:
        raise Failure(Exit.UNREACHABLE, str(problem), "see that reporting runs: `miriam status`") from problem
    except LogRefused as problem:
        raise Failure(Exit.DIFFERENCE, f"the log refuses: {problem}", "is the key in its witnesses.vkeys?") from problem


def _key(path: Path) -> SigningKey:
    key = read_private(path)
    if key.verifier.kind != COSIGNATURE:
        raise Failure(Exit.USAGE, f"{path} is no witness's key", "make one: `miriam audit keygen witness`")
    return key


def _former(path: Path) -> tuple[VerifierKey, ...]:
    beside = rotation.published_beside(path)
    return rotation.published(path) if beside.exists() else ()


def _begin(log: LogClient, key: SigningKey, state: Path, trust: Path, *, pin: bool) -> None:
    if state.exists():
        raise Failure(Exit.USAGE, f"{state} remembers what was seen already", "leave --first and --from-scratch away")
    given = log.checkpoint()
    if given is None:
        raise Failure(Exit.PREREQUISITE, "the log has signed nothing yet", "try again when it has")
    try:
        note = Note.parse(given)
        origin = Checkpoint.parse(note.text).origin
        known = trust.exists() or not pin
        keys = read_public(trust) if known else parse_public(log.keys())
        _see_that_one_signed(note, [each for each in keys if each.kind == LOG and each.name == origin])
        if not known:
            write_public(keys, trust, f"Keys of the log, as {log.url} named them at first use.")
    except NoteError as problem:
        raise Failure(Exit.DIFFERENCE, f"the log shows what is no signed head: {problem}") from problem
    witnessing.begin(state, origin, key, int(time.time()))


def _see_that_one_signed(note: Note, keys: Sequence[VerifierKey]) -> None:
    if not note.verified_by(keys):
        raise NoteError("none of the keys of the log signed it")


def _look(watch: witnessing.Witness, log: LogClient, *, patient: bool) -> witnessing.Seen | None:
    """A round; who follows waits for a log that is away, and asks no more of it than that it comes back."""
    told = False
    while True:
        try:
            return watch.round(log)
        except (LogUnreachable, LogRefused) as away:
            if not patient or (isinstance(away, LogRefused) and away.status not in witnessing.LOG_IS_AWAY):
                raise
            if not told:
                console(errors=True).print(f"{away}: waiting")
                told = True
            time.sleep(1.0)


def _told(seen: witnessing.Seen | None) -> dict[str, Any]:
    if seen is None:
        return {"size": 0, "signed": False}
    return {"size": seen.size, "root": seen.root.hex(), "before": seen.before, "signed": seen.signed}


def _say(told: dict[str, Any], as_json: bool) -> None:
    emit(told, as_json, lambda screen: screen.print(_words(told)))


def _words(told: dict[str, Any]) -> str:
    if not told["size"]:
        return "the log is empty"
    if not told["signed"]:
        return f"{told['size']} leaves, as seen before"
    return f"{told['size']} leaves continue the {told['before']} seen before: cosigned"
