"""Asking the owner of a source for its recorded events: what the broker did not bring, the owner still has."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

_PATIENCE = 10.0
_decoder = json.JSONDecoder()


class OwnerUnavailable(Exception):
    """The owner does not answer, or not as agreed. The message says which, never what it answered."""


class Owners:
    """The recording services by name, over HTTP. `urls` are their addresses; `token` is the services' bearer token."""

    def __init__(self, urls: Mapping[str, str], token: str) -> None:
        self._urls = dict(urls)
        self._token = token

    def events(self, source: str, after: int, limit: int) -> list[bytes]:
        """Up to `limit` recorded events of `source` numbered beyond `after`, in order, as their exact bytes.

        Raises OwnerUnavailable.
        """
        base = self._urls.get(source)
        if base is None:
            raise OwnerUnavailable(f"{source}: MIRIAM_OWNER_URLS gives no address")
        request = Request(
            f"{base.rstrip('/')}/v1/events?after={after}&limit={limit}",
            headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
        )
        try:
            with urlopen(request, timeout=_PATIENCE) as answer:
                text = answer.read().decode()
        except URLError as error:
            status = getattr(error, "code", None)
            raise OwnerUnavailable(f"{source}: status {status}" if status else f"{source}: not reached") from error
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            raise OwnerUnavailable(f"{source}: {type(error).__name__}") from error
        return list(split(text, source))


def split(text: str, source: str = "owner") -> list[bytes]:
    """The items of a JSON array, each as its exact bytes: printing them again could change what was hashed.

    Raises OwnerUnavailable where it is no array of objects.
    """
    items, at = [], _skip(text, 0)
    if text[at : at + 1] != "[":
        raise OwnerUnavailable(f"{source}: the answer is no list")
    at = _skip(text, at + 1)
    while text[at : at + 1] == "{":
        try:
            _, end = _decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            raise OwnerUnavailable(f"{source}: the answer is no JSON") from None
        items.append(text[at:end].encode())
        at = _skip(text, end)
        if text[at : at + 1] != ",":
            break
        at = _skip(text, at + 1)
    if text[at : at + 1] != "]":
        raise OwnerUnavailable(f"{source}: the answer is no list of events")
    return items


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at
