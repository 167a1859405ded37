"""The authority's witness of this deployment: its keys and what it trusts, apart from reporting's; what is published.

In life the authority runs it on a machine of its own. Here both are of one operator, so the folder `witness/` only
shows the separation: reporting knows of the witness no more than its public key.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from miriam_local.errors import LocalError
from miriam_local.places import Places
from miriam_transparency import rotation, witness
from miriam_transparency.keys import KeyFileError, read_public, write_public
from miriam_transparency.notes import COSIGNATURE, VerifierKey

NAME = "miriam.example/authority"


@dataclass(frozen=True)
class AuthorityWitness:
    """The witness's files under `witness/` of a home; `log_keys` is reporting's folder of keys."""

    places: Places
    log_keys: Path

    @property
    def folder(self) -> Path:
        """All that the witness has."""
        return self.places.home / "witness"

    def arguments(self, url: str) -> list[str]:
        """What its program is called with; the log answers at `url`."""
        files = {"--key": "authority.pem", "--state": "seen", "--trust": "log.vkeys"}
        named = [word for option, name in files.items() for word in (option, str(self.folder / name))]
        return ["--log", url, *named, "--follow", "1"]

    def prepare(self) -> None:
        """Make its key, what it remembers and what it trusts, where missing; make it known to reporting, and publish.

        What it remembers begins with the empty log, once: a witness that lost its memory does not begin anew by itself.
        Raises LocalError.
        """
        try:
            log = rotation.published(self.log_keys / "log.pem")
            self.folder.mkdir(mode=0o700, exist_ok=True)
            path = self.folder / "authority.pem"
            fresh = not path.exists()
            key = rotation.make_missing(path, NAME, COSIGNATURE)
            if fresh and not (self.folder / "seen").exists():
                witness.begin(self.folder / "seen", log[0].name, key, int(time.time()))
            # A key that replaced another is taken over here: authority and operator are one.
            write_public(log, self.folder / "log.vkeys", "Keys of the log that the witness trusts.")
            _make_known(rotation.published(path), self.log_keys / "witnesses.vkeys")
            self._publish(rotation.published(path), log)
        except KeyFileError as problem:
            next_step = "bring the file back from a backup, or make a new key: `miriam audit keygen`"
            raise LocalError(str(problem), next_step) from problem

    def _publish(self, authority: tuple[VerifierKey, ...], log: tuple[VerifierKey, ...]) -> None:
        heading = "What an auditor verifies with: the authority's witness, and the log; of each the newest key first."
        write_public((*authority, *log), self.places.public_keys / "AUTHORITY.pub", heading)
        write_public(log, self.places.public_keys / "log.vkeys", "Public halves of the log's keys, newest first.")


def _make_known(authority: tuple[VerifierKey, ...], path: Path) -> None:
    """Put the authority's keys first among those whose cosignatures reporting takes; others stay."""
    others = [key for key in read_public(path) if key not in authority] if path.exists() else []
    write_public((*authority, *others), path, "Witnesses whose cosignatures are taken; the authority's first.")
