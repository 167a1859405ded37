"""Who this emitter is, where its broker is, and where its files lie."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from miriam_contracts.catalogue import EMITTER_KINDS
from miriam_contracts.ids import EMITTER_PATTERN
from miriam_emitter.errors import NotConfigured

_MEMBERS = ("id", "kind", "amqp_url", "keys_dir")


@dataclass(frozen=True)
class Settings:
    """Everything an emitter has to be told.

    Attributes:
        id: the emitter's id, as the authority registered it: `anderlecht`.
        kind: `cpas`, `authority` or `dpo`.
        amqp_url: the broker, with user and password: `amqps://cpas.anderlecht:...@broker/miriam`; without a password
            the certificate says who we are.
        keys_dir: the folder of the services' public keys.
        spool: the spool's file; its lock and its secret lie beside it.
        window: most events that may be without receipt at a time.
        timeout: seconds without receipt after which an event is sent again; doubles with each time, up to ten minutes.
        longest_pause: most seconds between two attempts to reach the broker.
        spool_limit: most bytes that the spool may take on disk; None for as much as there is.
        reporting_url: where the ledger is asked; empty where the credentials name no address.
        reading_token: with which we read there what stands under our name.
        ca_file: the certificates (PEM) of those who may vouch for the servers; None: those that this system trusts.
        certificate_file: our own certificate (PEM), whose common name is our AMQP user; None: we log in by password.
        key_file: its private key (PEM, without a passphrase).

    Raises:
        NotConfigured: the id or the kind is not one, or there is a certificate without its key.
    """

    id: str
    kind: str
    amqp_url: str
    keys_dir: Path
    spool: Path
    window: int = 1000
    timeout: float = 30.0
    longest_pause: float = 60.0
    spool_limit: int | None = None
    reporting_url: str = ""
    reading_token: str = ""
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def __post_init__(self) -> None:
        if not EMITTER_PATTERN.fullmatch(self.id):
            raise NotConfigured(f"{self.id!r} cannot be an emitter's id", "use the id that the authority gave you")
        if self.kind not in EMITTER_KINDS:
            raise NotConfigured(f"{self.kind!r} is not a kind of emitter", f"use one of {', '.join(EMITTER_KINDS)}")
        if (self.certificate_file is None) != (self.key_file is None):
            raise NotConfigured("certificate_file and key_file go together", "name both in the credentials, or neither")

    def __repr__(self) -> str:
        # The address holds a password; the token is a secret too.
        return f"Settings({self.source}, spool={self.spool})"

    @property
    def source(self) -> str:
        """The `source` of every event of this emitter."""
        return f"/{self.kind}/{self.id}"

    @property
    def user(self) -> str:
        """The AMQP user, one to one with the source: the broker vouches for the sender by it."""
        return f"{self.kind}.{self.id}"

    @classmethod
    def load(cls, emitter: str, spool: Path | None = None, home: Path | None = None) -> Settings:
        """The settings of `emitter` from the credentials under `home`, which `miriam cpas add` writes.

        Raises:
            NotConfigured: there are none, or they cannot be read.
        """
        place = (home or find_home()) / "emitters" / f"{quote(emitter, safe='')}.json"
        try:
            found = json.loads(place.read_text("utf-8"))
        except FileNotFoundError:
            raise NotConfigured(f"no credentials at {place}", f"run `miriam cpas add {emitter}`") from None
        except (OSError, ValueError) as problem:
            raise NotConfigured(f"{place} cannot be read: {type(problem).__name__}", "replace the file") from None
        return cls.of(found, spool or place.with_suffix(".spool"), place.parent)

    @classmethod
    def of(cls, credentials: dict[str, Any], spool: Path, folder: Path) -> Settings:
        """The settings in a credentials object; relative paths in it are below `folder`.

        Raises:
            NotConfigured: a member is missing.
        """
        missing = [name for name in _MEMBERS if not isinstance(credentials.get(name), str)]
        if missing:
            raise NotConfigured(f"the credentials lack {', '.join(missing)}", "have them made again")
        values = {name: credentials[name] for name in _MEMBERS}

        def file(name: str) -> Path | None:
            return folder / str(credentials[name]) if credentials.get(name) else None

        return cls(
            values["id"],
            values["kind"],
            values["amqp_url"],
            folder / values["keys_dir"],
            spool,
            reporting_url=str(credentials.get("reporting_url") or ""),
            reading_token=str(credentials.get("reading_token") or ""),
            ca_file=file("ca_file"),
            certificate_file=file("certificate_file"),
            key_file=file("key_file"),
        )


def find_home() -> Path:
    """The folder of the local deployment: MIRIAM_HOME, or `.miriam` of the project that this package is part of.

    Installed apart from the project, as a CPAS does, it is the nearest `.miriam` here or in a folder above.
    """
    named = os.environ.get("MIRIAM_HOME")
    if named:
        return Path(named).expanduser()
    project = Path(__file__).resolve().parents[3]
    if (project / "Makefile").exists():
        return project / ".miriam"
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".miriam").is_dir():
            return folder / ".miriam"
    return here / ".miriam"
