"""The disk under SQLite: it can be full, and after a power cut it holds what was synced and any part of the rest.

Each write and sync that SQLite makes in a folder passes through here, by a hook in its file layer. So a test can ask
what would be found after the power had failed between any two of them.
"""

from __future__ import annotations

import ctypes
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_OK, _FULL = 0, 13
_SECTOR = 512
GONE = "gone"

# In the order of sqlite3_io_methods; those behind xSync are copied as they are.
_METHODS = ("xClose", "xRead", "xWrite", "xTruncate", "xSync", *(f"other{number}" for number in range(13)))


class _Methods(ctypes.Structure):
    _fields_ = [("iVersion", ctypes.c_int), *((name, ctypes.c_void_p) for name in _METHODS)]


class _File(ctypes.Structure):
    _fields_ = [("methods", ctypes.POINTER(_Methods))]


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        ("xOpen", ctypes.c_void_p),
        ("xDelete", ctypes.c_void_p),
    ]


_FilePointer = ctypes.POINTER(_File)
# SQLite keeps the name that it opens by: as a void pointer it is handed on, and not copied into what Python frees.
_Open = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, _FilePointer, ctypes.c_int, ctypes.POINTER(ctypes.c_int)
)
_Delete = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_Write = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_Truncate = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


@dataclass
class Disk:
    """What SQLite does to the files of `folder`, in its order; and whether there is room for more.

    `log` holds (file name, what): what is a write (offset, bytes), a truncation (size), None, a sync, or "gone": the
    file was deleted, which is taken to be for good. A test adds marks of its own by `mark`, under the file name "".
    """

    folder: Path
    full: bool = False
    log: list[tuple[str, Any]] = field(default_factory=list)
    _kept: list[Any] = field(default_factory=list)

    def mark(self, what: Any) -> None:
        """Write down that something was promised by now."""
        self.log.append(("", what))

    def marks(self, until: int) -> list[Any]:
        """The promises among the first `until` entries of the log."""
        return [what for name, what in self.log[:until] if not name]

    def after_power_cut(self, until: int, chance: random.Random, folder: Path) -> None:
        """Lay into `folder` what may be found when the power fails behind the first `until` entries of the log.

        Of what was written to a file since its last sync any part may have arrived, cut at any sector.
        """
        folder.mkdir()
        happened = self.log[:until]
        for name in {name for name, _ in happened if name}:
            mine = [what for each, what in happened if each == name]
            if GONE in mine:
                mine = mine[len(mine) - mine[::-1].index(GONE) :]
                if not mine:
                    continue
            synced = max((place for place, what in enumerate(mine) if what is None), default=0)
            content = bytearray()
            for place, what in enumerate(mine):
                if place > synced:
                    what = _survives(what, chance)
                if isinstance(what, int):
                    del content[what:]
                elif what is not None:
                    offset, data = what
                    content.extend(bytes(max(offset - len(content), 0)))
                    content[offset : offset + len(data)] = data
            (folder / name).write_bytes(content)

    def hook(self, path: Path, file: Any) -> None:
        """Watch an open file."""
        original = file.contents.methods.contents
        methods = _Methods.from_buffer_copy(original)
        write, truncate, sync = (
            kind(getattr(original, name))
            for kind, name in ((_Write, "xWrite"), (_Truncate, "xTruncate"), (_Sync, "xSync"))
        )

        def on_write(this: int, data: int, size: int, offset: int) -> int:
            if self.full and offset + size > path.stat().st_size:
                return _FULL
            self.log.append((path.name, (offset, ctypes.string_at(data, size))))
            return int(write(this, data, size, offset))

        def on_truncate(this: int, size: int) -> int:
            self.log.append((path.name, size))
            return int(truncate(this, size))

        def on_sync(this: int, flags: int) -> int:
            done = int(sync(this, flags))
            self.log.append((path.name, None))
            return done

        calls = (_Write(on_write), _Truncate(on_truncate), _Sync(on_sync))
        for name, call in zip(("xWrite", "xTruncate", "xSync"), calls, strict=True):
            setattr(methods, name, ctypes.cast(call, ctypes.c_void_p).value)
        self._kept += [*calls, methods]
        file.contents.methods = ctypes.pointer(methods)


def _survives(what: Any, chance: random.Random) -> Any:
    """What of a change that was not synced reaches the disk."""
    if what is None or chance.random() < 0.5:
        return None
    if isinstance(what, int) or chance.random() < 0.5:
        return what
    offset, data = what
    return offset, data[: chance.randrange(len(data) // _SECTOR + 1) * _SECTOR]


def _path(name: int) -> Path:
    return Path(ctypes.string_at(name).decode())


@contextmanager
def watched(folder: Path) -> Iterator[Disk]:
    """Watch what SQLite does to files that are opened in `folder` meanwhile.

    Raises:
        RuntimeError: this Python has SQLite built in, where it cannot be watched.
    """
    sqlite3.connect(":memory:").close()
    loaded = re.search(r"\S*/libsqlite3\.so\S*", Path("/proc/self/maps").read_text())
    if loaded is None:
        raise RuntimeError("SQLite is built into this Python; run the tests with one that uses the system's libsqlite3")
    library = ctypes.CDLL(loaded[0])
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None).contents
    before = (vfs.xOpen, vfs.xDelete)
    opening, deleting = _Open(vfs.xOpen), _Delete(vfs.xDelete)
    disk = Disk(folder)

    def on_open(this: int, name: int | None, file: Any, flags: int, out: Any) -> int:
        done = int(opening(this, name, file, flags, out))
        if done == _OK and name is not None and file.contents.methods and _path(name).parent == folder:
            disk.hook(_path(name), file)
        return done

    def on_delete(this: int, name: int, durably: int) -> int:
        path = _path(name)
        if path.parent == folder and path.exists():
            disk.log.append((path.name, GONE))
        return int(deleting(this, name, durably))

    hooked = (_Open(on_open), _Delete(on_delete))
    vfs.xOpen, vfs.xDelete = (ctypes.cast(hook, ctypes.c_void_p).value for hook in hooked)
    try:
        yield disk
    finally:
        vfs.xOpen, vfs.xDelete = before
