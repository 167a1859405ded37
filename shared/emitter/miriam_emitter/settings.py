"""Who this emitter is, where its broker is, and where its files lie."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from miriam_contracts.catalogue import EMITTER_KINDS
from miriam_contracts.ids import EMITTER_PATTERN
from miriam_emitter.errors import NotConfigured

_MEMBERS = ("id", "kind", "keys_dir")
TRANSPORTS = ("amqp", "http")


@dataclass(frozen=True)
class Settings:
    """Everything an emitter has to be told.

    Attributes:
        id: the emitter's id, as the authority registered it: `anderlecht`.
        kind: `cpas`, `authority` or `dpo`.
        amqp_url: the broker, with user and password: `amqps://cpas.anderlecht:...@broker/miriam`; without a password
            the certificate says who we are. Empty for one that sends over HTTP alone.
        keys_dir: the folder of the services' public keys.
        spool: the spool's file; its lock and its secret lie beside it.
        window: most events that may be without receipt at a time.
        timeout: seconds without receipt after which an event is sent again; doubles with each time, up to ten minutes.
            Over HTTP, seconds without an answer as well.
        longest_pause: most seconds between two attempts to reach the platform.
        spool_limit: most bytes that the spool may take on disk for what is put; receipts are kept beyond it. None for
            as much as there is.
        reporting_url: where the ledger is asked; empty where the credentials name no address.
        reading_token: with which we read there what stands under our name.
        ca_file: the certificates (PEM) of those who may vouch for the servers; None: those that this system trusts.
        certificate_file: our own certificate (PEM), whose common name is our AMQP user; None: we log in by password.
        key_file: its private key (PEM, without a passphrase).
        over: `amqp` or `http`; empty for AMQP where there is an address for it, else HTTP.
        http_url: the one address of the HTTP doors: `https://door.example`.
        http_token: with which we send there, and ask for receipts.
        language: of what the platform tells us besides receipts: `fr`, `nl`, `de` or `en`.
        poll: seconds between two questions for the receipts of parked events, over HTTP.
        credentials: the file that all this was read from, if it was; a token renewed there is taken up.

    Raises:
        NotConfigured: the id or the kind is not one, there is a certificate without its key, or no address and token
            for what shall be used.
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
    over: str = ""
    http_url: str = ""
    http_token: str = field(default="", repr=False)
    language: str = "en"
    poll: float = 30.0
    credentials: Path | None = None

    def __post_init__(self) -> None:
        if not EMITTER_PATTERN.fullmatch(self.id):
            raise NotConfigured(f"{self.id!r} cannot be an emitter's id", "use the id that the authority gave you")
        if self.kind not in EMITTER_KINDS:
            raise NotConfigured(f"{self.kind!r} is not a kind of emitter", f"use one of {', '.join(EMITTER_KINDS)}")
        if (self.certificate_file is None) != (self.key_file is None):
            raise NotConfigured("certificate_file and key_file go together", "name both in the credentials, or neither")
        if not self.over:
            object.__setattr__(self, "over", "http" if self.http_url and not self.amqp_url else "amqp")
        if self.over not in TRANSPORTS:
            raise NotConfigured(f"`over` is {self.over!r}", f"use one of {', '.join(TRANSPORTS)}")
        needed = {
            "amqp": {"amqp_url": self.amqp_url},
            "http": {"http_url": self.http_url, "http_token": self.http_token},
        }
        missing = [name for name, value in needed[self.over].items() if not value]
        if missing:
            raise NotConfigured(
                f"to send over {self.over} the credentials lack {', '.join(missing)}",
                "have them made again, or send over the other of amqp and http",
            )
        if self.over == "http" and urlsplit(self.http_url).scheme not in ("http", "https"):
            raise NotConfigured("`http_url` is no address of HTTP", "write https://HOST")

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
    def load(
        cls, emitter: str, spool: Path | None = None, home: Path | None = None, over: str = "", language: str = "en"
    ) -> Settings:
        """The settings of `emitter` from the credentials under `home`, which `miriam cpas add` writes.

        `over` overrides what they say.

        Raises:
            NotConfigured: there are none, or they cannot be read.
        """
        place = (home or find_home()) / "emitters" / f"{quote(emitter, safe='')}.json"
        found = _read(place, emitter)
        chosen = {**found, "over": over} if over else found
        made = cls.of(chosen, spool or place.with_suffix(".spool"), place.parent)
        return replace(made, language=language, credentials=place)

    @classmethod
    def of(cls, credentials: dict[str, Any], spool: Path, folder: Path) -> Settings:
        """The settings in a credentials object; relative paths in it are below `folder`.

        Raises:
            NotConfigured: a member is missing.
        """
        missing = [name for name in _MEMBERS if not isinstance(credentials.get(name), str)]
        if missing:
            raise NotConfigured(f"the credentials lack {', '.join(missing)}", "have them made again")

        def text(name: str) -> str:
            return str(credentials.get(name) or "")

        def file(name: str) -> Path | None:
            return folder / str(credentials[name]) if credentials.get(name) else None

        return cls(
            text("id"),
            text("kind"),
            text("amqp_url"),
            folder / text("keys_dir"),
            spool,
            reporting_url=text("reporting_url"),
            reading_token=text("reading_token"),
            ca_file=file("ca_file"),
            certificate_file=file("certificate_file"),
            key_file=file("key_file"),
            over=text("over"),
            http_url=text("http_url"),
            http_token=text("http_token"),
        )

    def newest_token(self) -> str:
        """The HTTP token as the credentials have it by now: it may have been renewed since they were read."""
        if self.credentials is not None:
            with contextlib.suppress(NotConfigured):
                found = _read(self.credentials, self.id)
                return str(found.get("http_token") or self.http_token)
        return self.http_token


def _read(place: Path, emitter: str) -> dict[str, Any]:
    try:
        found = json.loads(place.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError
    except FileNotFoundError:
        raise NotConfigured(f"no credentials at {place}", f"run `miriam cpas add {emitter}`") from None
    except (OSError, ValueError) as problem:
        raise NotConfigured(f"{place} cannot be read: {type(problem).__name__}", "replace the file") from None
    return found


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
