"""Asking a log over HTTP: its signed heads, its proofs. Nothing that it answers is believed here: who asks verifies."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from miriam_transparency.notes import NoteError
from miriam_transparency.proofs import hash_of

_PATIENCE = 10.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MOST_BYTES = 16 * 1024 * 1024


class LogUnreachable(Exception):
    """The log does not answer, or not in its form. The message says which."""


class LogRefused(Exception):
    """The log answers that it will not. `status` is HTTP's; the message is the log's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where the log says a leaf stands (`position` from 1), its hash, and the proof at `size`; still to be verified."""

    source: str
    sequence: int
    position: int
    leaf: bytes
    proof: tuple[bytes, ...]
    size: int


class _NoRedirect(HTTPRedirectHandler):
    """Another address is another log."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class LogClient:
    """The log at `url`, such as http://127.0.0.1:47014. Every method raises LogUnreachable or LogRefused."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise LogUnreachable(f"{url}: an address begins with http:// or https://")
        self.url = url.rstrip("/")
        # What answers on this machine is not asked through a proxy of the network.
        direct = [ProxyHandler({})] if urlsplit(url).hostname in _LOOPBACK else []
        self._opener = build_opener(_NoRedirect(), *direct)

    def checkpoint(self) -> str | None:
        """The newest signed head, a note with its cosignatures; None where nothing was signed yet."""
        return self._note("/v1/ledger/checkpoint")

    def checkpoint_at(self, size: int) -> str | None:
        """The signed head of exactly this size; None where none was signed."""
        return self._note(f"/v1/ledger/checkpoint/{size}")

    def keys(self) -> str:
        """The public halves that the log itself names: worth nothing until somebody else says the same."""
        return self._ask("/v1/ledger/keys").decode(errors="replace")

    def consistency(self, old: int, new: int) -> list[bytes]:
        """What should prove that the tree of `new` leaves begins with that of `old`."""
        answer = self._json(f"/v1/ledger/consistency?{urlencode({'old': old, 'new': new})}")
        return _hashes(answer, "proof")

    def inclusion(self, source: str, sequence: int, size: int | None = None) -> Inclusion:
        """What should prove that event `sequence` of `source` is in the tree of `size` leaves (the newest signed)."""
        asked = {"source": source, "sequence": sequence, **({} if size is None else {"size": size})}
        return _inclusion(self._json(f"/v1/ledger/inclusion?{urlencode(asked)}"))

    def inclusions(self, leaves: Iterable[tuple[str, int]], size: int) -> dict[tuple[str, int], Inclusion | None]:
        """As `inclusion`, for up to 1,000 of (source, sequence); None for what the log does not have at that size."""
        found: dict[tuple[str, int], Inclusion | None] = dict.fromkeys(leaves)
        asked = [{"source": source, "sequence": sequence} for source, sequence in found]
        answer = self._json("/v1/ledger/inclusions", json.dumps({"size": size, "leaves": asked}).encode())
        given = answer.get("inclusions")
        if not isinstance(given, list):
            raise LogUnreachable(f"{self.url}: the answer is not in its form")
        for each in given:
            one = _inclusion({**each, "size": answer.get("size")} if isinstance(each, dict) else {})
            if (one.source, one.sequence) not in found or one.size != size:
                raise LogUnreachable(f"{self.url}: the answer is to another question")
            found[one.source, one.sequence] = one
        return found

    def add_cosignatures(self, note: str) -> None:
        """Hand in cosignatures: a note whose text is a head that the log signed."""
        self._ask("/v1/ledger/cosignatures", note.encode(), "text/plain; charset=utf-8")

    def _note(self, path: str) -> str | None:
        try:
            return self._ask(path).decode()
        except LogRefused as refused:
            if refused.status == 404:
                return None
            raise
        except UnicodeDecodeError:
            raise LogUnreachable(f"{self.url}: the answer is not UTF-8") from None

    def _json(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        try:
            answer = json.loads(self._ask(path, body, "application/json"))
        except (ValueError, RecursionError):
            raise LogUnreachable(f"{self.url}: the answer is no JSON") from None
        if not isinstance(answer, dict):
            raise LogUnreachable(f"{self.url}: the answer is not in its form")
        return answer

    def _ask(self, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        return self._send(
            Request(self.url + path, data=body, headers={"Content-Type": kind} if body is not None else {})
        )

    def _send(self, request: Request) -> bytes:
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                content: bytes = answer.read(_MOST_BYTES + 1)
        except HTTPError as error:
            with error:
                raise LogRefused(error.code, _detail(error) or f"status {error.code}") from None
        except (URLError, OSError, HTTPException) as error:
            raise LogUnreachable(f"{self.url}: does not answer ({type(error).__name__})") from error
        if len(content) > _MOST_BYTES:
            raise LogUnreachable(f"{self.url}: the answer is too long")
        return content


def _detail(error: HTTPError) -> str:
    try:
        told = json.loads(error.read(4096))
    except (ValueError, OSError, HTTPException, RecursionError):
        return ""
    return str(told.get("detail", ""))[:300] if isinstance(told, dict) else ""


def _hashes(answer: dict[str, Any], name: str) -> list[bytes]:
    given = answer.get(name)
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise LogUnreachable(f"the answer lacks {name}")
    try:
        return [hash_of(each) for each in given]
    except NoteError as error:
        raise LogUnreachable(f"{name}: {error}") from None


def _inclusion(answer: dict[str, Any]) -> Inclusion:
    try:
        numbers = [answer[name] for name in ("sequence", "position", "size")]
        if not all(type(each) is int for each in numbers) or not isinstance(answer["source"], str):
            raise LogUnreachable("the answer is not in its form")
        leaf = bytes.fromhex(answer["leaf"])
    except (KeyError, TypeError, ValueError):
        raise LogUnreachable("the answer is not in its form") from None
    sequence, position, size = numbers
    return Inclusion(answer["source"], sequence, position, leaf, tuple(_hashes(answer, "proof")), size)
