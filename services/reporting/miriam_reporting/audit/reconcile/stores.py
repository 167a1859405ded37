"""Where recorded events are read again: at their owner over HTTP, as an auditor may, or in reporting's own database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Protocol
from urllib.error import URLError
from urllib.request import Request, urlopen

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger.owners import Owners, OwnerUnavailable
from miriam_transparency.merkle import HASH_BYTES, leaf_hash

PAGE = 1000
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Item:
    """One event of a store. `sequence` is None where it names none; `recorded` is its recordedtime, "" when retired."""

    sequence: int | None
    id: str
    source: str
    leaf: bytes
    recorded: str
    retired: bool = False


class Store(Protocol):
    """A store's recorded events in the order of their numbers, and what its counter says."""

    source: str

    def page(self, after: int, limit: int) -> list[Item]:
        """Up to `limit` events behind number `after`. Raises OwnerUnavailable."""
        ...

    def counter(self) -> int:
        """The number that the store gave last. Raises OwnerUnavailable."""
        ...


class RemoteStore:
    """A recording service's store, asked over HTTP with the services' token."""

    def __init__(self, source: str, urls: Mapping[str, str], token: str) -> None:
        self.source = source
        self._url = urls.get(source)
        self._owners = Owners(urls, token)

    def page(self, after: int, limit: int) -> list[Item]:
        """As Store says."""
        return [item(body) for body in self._owners.events(self.source, after, limit)]

    def counter(self) -> int:
        """As Store says."""
        if self._url is None:
            raise OwnerUnavailable(f"{self.source}: MIRIAM_OWNER_URLS gives no address")
        try:
            with urlopen(Request(f"{self._url.rstrip('/')}/healthz"), timeout=_PATIENCE) as answer:
                return int(json.load(answer)["sequence"])
        except URLError as error:
            status = getattr(error, "code", None)
            what = f"{self.source}: status {status}" if status else f"{self.source}: not reached"
            raise OwnerUnavailable(what) from error
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise OwnerUnavailable(f"{self.source}: {type(error).__name__}") from error


class OwnStore:
    """Reporting's own event store, in the database of the ledger."""

    source = "reporting"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def there(cls, connection: Connection) -> bool:
        """Whether this database has an event store."""
        with connection.cursor() as cursor:
            cursor.execute("select to_regclass('event_store.event') is not null")
            row = cursor.fetchone()
            return bool(row and row[0])

    def page(self, after: int, limit: int) -> list[Item]:
        """As Store says."""
        with self._connection.cursor() as cursor:
            cursor.execute("select body from event_store.read_after(%s, %s) order by sequence", (after, limit))
            return [item(body.encode()) for (body,) in cursor.fetchall()]

    def counter(self) -> int:
        """As Store says."""
        with self._connection.cursor() as cursor:
            cursor.execute("select last_sequence from event_store.counter")
            row = cursor.fetchone()
            return int(row[0]) if row else 0


def item(body: bytes) -> Item:
    """An event as its store gave it: its exact bytes, or what is left of one that was retired."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict):
        return Item(None, "", "", leaf_hash(body), "")
    sequence = event.get("sequence")
    number = sequence if isinstance(sequence, int) and not isinstance(sequence, bool) and sequence > 0 else None
    id_, source, recorded = (str(event.get(name, "")) for name in ("id", "source", "recordedtime"))
    if event.get("retired") is True and "specversion" not in event:
        return Item(number, id_, "", _hash(event.get("leaf")), "", retired=True)
    return Item(number, id_, source, leaf_hash(body), recorded)


def _hash(text: object) -> bytes:
    try:
        digest = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        digest = b""
    return digest if len(digest) == HASH_BYTES else b""
