"""Opening a spool's file: one holder at a time, every commit on the disk, and SQLite's errors in words.

The lock is an SQLite file too, held by an open exclusive transaction: it works wherever SQLite does, and the system
lets go of it when its holder dies, however it dies. The spool itself stays readable meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from miriam_emitter.errors import SpoolDamaged, SpoolError, SpoolFull, SpoolInUse

_VERSION = "2"
# From which version each file leads to the next.
_UPGRADES = {"1": "upgrade_to_2.sql"}
_SECRET_BYTES = 32


def lock(path: Path) -> sqlite3.Connection:
    """Take the lock beside the spool; close the answer to give it back.

    Raises:
        SpoolInUse: somebody else has it.
        SpoolError: the folder cannot be written to.
    """
    held = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = sqlite3.connect(
            path.with_name(path.name + ".lock"), timeout=0, isolation_level=None, check_same_thread=False
        )
        # Nothing is ever written there: the lock can be had on a full disk too.
        held.execute("pragma journal_mode = off")
        held.execute("begin exclusive")
    except (OSError, sqlite3.Error) as problem:
        if held is not None:
            held.close()
        if isinstance(problem, sqlite3.OperationalError) and "locked" in str(problem):
            raise SpoolInUse(
                f"the spool {path} is held by another process{_holder(path)}",
                "let that process emit, or stop it; `miriam receipts` reads along meanwhile",
            ) from None
        raise SpoolError(f"the spool {path} cannot be locked: {problem}", "make its folder writable") from None
    _say_who_holds(path)
    return held


def open_for_writing(path: Path, source: str) -> sqlite3.Connection:
    """The spool's database, made where there is none, checked where there is one. Hold the lock.

    Raises:
        SpoolDamaged: the file is damaged, or no spool.
        SpoolFull: the disk is full.
        SpoolError: the spool is another emitter's.
    """
    with explained(path):
        _make_private(path)
        database = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            database.execute("pragma journal_mode = wal")
            # An entry is spooled when it would survive the machine's power cut.
            database.execute("pragma synchronous = full")
            if not database.execute("select 1 from sqlite_master where name = 'about'").fetchone():
                _create(database, source)
            _check(database, path, source)
        except BaseException:
            database.close()
            raise
        return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The spool's database while somebody else may hold it.

    Raises:
        SpoolError: there is none.
        SpoolDamaged: the file is damaged, or no spool.
    """
    if not path.exists():
        raise SpoolError(f"there is no spool at {path}", "emit something first, or name the right file")
    with explained(path):
        database = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        database.execute("pragma query_only = on")
        (version,) = database.execute("select value from about where name = 'version'").fetchone() or ("",)
        if version != _VERSION:
            database.close()
            raise SpoolError(f"the spool {path} is of version {version}", "emit once: that brings it up to date")
        return database


def secret(path: Path, new: bool) -> bytes:
    """The spool's secret, in a file of its own: whoever has the spool alone cannot guess a block from a fingerprint.

    Raises:
        SpoolDamaged: a spool that holds entries has lost it.
    """
    place = path.with_name(path.name + ".key")
    if new and not place.exists():
        made = secrets.token_bytes(_SECRET_BYTES)
        draft = place.with_name(place.name + ".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    with contextlib.suppress(OSError):
        found = place.read_bytes()
        if len(found) == _SECRET_BYTES:
            return found
    raise SpoolDamaged(
        f"{place} is missing or damaged",
        "restore it, or begin a new spool: the services know again what they recorded",
    )


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        name = getattr(problem, "sqlite_errorname", "")
        if name in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):
            raise SpoolFull(
                f"no room left for the spool {path}", "free disk space or raise the spool's limit, then emit again"
            ) from None
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise _damaged(path) from None
        raise SpoolError(f"the spool {path} failed: {name or problem}", "look at its disk and its rights") from None


def _damaged(path: Path) -> SpoolDamaged:
    return SpoolDamaged(
        f"the spool {path} is damaged, or no spool",
        "put the file aside and emit again from your system: the services know again what they recorded",
    )


def _make_private(path: Path) -> None:
    # Pseudonymous data are personal data still: nobody else on the machine needs to read them.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _holder_file(path: Path) -> Path:
    # Not in the lock's own file: to open and close that would, on POSIX, let go of this process's lock on it.
    return path.with_name(path.name + ".holder")


def _say_who_holds(path: Path) -> None:
    # Whoever is locked out reads it; it helps, and nothing rests on it.
    with contextlib.suppress(OSError):
        file = _holder_file(path)
        _make_private(file)
        file.write_text(f"{os.getpid()} on {socket.gethostname()}", "utf-8")


def _holder(path: Path) -> str:
    told = ""
    with contextlib.suppress(OSError, ValueError):
        told = _holder_file(path).read_text("utf-8")
    return f", {told}" if told else ""


def _create(database: sqlite3.Connection, source: str) -> None:
    # In one transaction, so that a crash leaves either a whole spool or an empty file.
    database.executescript(f"begin;\n{_script('schema.sql')}")
    database.executemany("insert into about values (?, ?)", [("version", _VERSION), ("source", source)])
    database.execute("commit")


def _check(database: sqlite3.Connection, path: Path, source: str) -> None:
    if database.execute("pragma quick_check(1)").fetchone()[0] != "ok":
        raise _damaged(path)
    about = dict(database.execute("select name, value from about").fetchall())
    while (upgrade := _UPGRADES.get(str(about.get("version")))) is not None:
        database.executescript(f"begin;\n{_script(upgrade)}\ncommit;")
        about = dict(database.execute("select name, value from about").fetchall())
    if about.get("version") != _VERSION:
        raise SpoolError(f"the spool {path} is of version {about.get('version')}", "use the emitter of that version")
    if about.get("source") != source:
        raise SpoolError(f"the spool {path} belongs to {about.get('source')}", f"give {source} a spool of its own")


def _script(name: str) -> str:
    return resources.files("miriam_emitter").joinpath(name).read_text("utf-8")
