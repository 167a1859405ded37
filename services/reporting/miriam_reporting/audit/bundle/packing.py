"""The zip of a bundle: the same bytes for the same content, and a manifest at its end that names every file."""

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from miriam_contracts.canonical import canonical
from miriam_transparency.notes import Note, Signer, sign

FORMAT = "miriam-audit-bundle/1"
_MADE_ON = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: a bundle bears no time of its making
_PERMISSIONS = 0o100644 << 16
_UNIX = 3
# Zip's own field for sizes ends at 4 GiB; files that can outgrow it have the wide one from the start.
_WIDE = frozenset({"leaves.jsonl", "evidence.jsonl", "figures.json", "hashes.bin"})


class Packing:
    """A bundle being written, beside its place; it stands there whole once `finish` returns, or not at all."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._beside = out.with_name(f".{out.name}.part")
        # What it holds is of single women, under pseudonyms: nobody else on this machine reads it.
        self._beside.unlink(missing_ok=True)
        self._beside.touch(0o600, exist_ok=False)
        self._zip = zipfile.ZipFile(self._beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.files: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> "Packing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._zip.fp is not None:
            self._zip.close()
        self._beside.unlink(missing_ok=True)

    def add(self, name: str, pieces: Iterable[bytes]) -> int:
        """Write a file, piece by piece; how many pieces it had. Files come in the order of their names."""
        if self.files and name <= next(reversed(self.files)):
            raise ValueError(f"{name} comes too late")
        digest, size, count = hashlib.sha256(), 0, 0
        with self._zip.open(_info(name), "w", force_zip64=name in _WIDE) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                count += 1
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}
        return count

    def add_lines(self, name: str, lines: Iterable[bytes]) -> int:
        """Write a file of lines; how many there were."""
        return self.add(name, (line + b"\n" for line in lines))

    def finish(self, about: Mapping[str, Any], signer: Signer) -> bytes:
        """Write the manifest, sign it as the log, and put the bundle in its place; the manifest's SHA-256."""
        manifest = canonical({**about, "files": self.files, "format": FORMAT})
        digest = hashlib.sha256(manifest)
        # Two lines and a heading of its own: it can never be read as a checkpoint, which the same key signs.
        text = f"{FORMAT}\nsha256 {digest.hexdigest()}\n"
        for name, content in (
            ("manifest.json", manifest),
            ("manifest.sig", str(Note(text, (sign(text, signer),))).encode()),
        ):
            self._zip.writestr(_info(name), content)
        self._zip.close()
        self._beside.replace(self._out)
        return digest.digest()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MADE_ON)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _PERMISSIONS
    return info
