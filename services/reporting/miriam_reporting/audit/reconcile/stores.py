"""Where recorded events are read again: at their owner over HTTP, as an auditor may, or in reporting's own database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import URLError
from urllib.request import Request, urlopen

import orjson
from psycopg2.extensions import connection as Connection

from miriam_platform import store, store_check
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


@dataclass(frozen=True, slots=True)
class Look:
    """A store's look at its own columns. `last` is the number of the last event of the page, None where there was none;
    `differing` are numbers, ids and columns that differ from the body; `guards` what should refuse change and is gone.
    """

    last: int | None
    differing: tuple[tuple[int, str, tuple[str, ...]], ...]
    guards: tuple[str, ...]


class Store(Protocol):
    """A store's recorded events in the order of their numbers, and what its counter says."""

    source: str

    def page(self, after: int, limit: int) -> list[Item]:
        """Up to `limit` events behind number `after`. Raises OwnerUnavailable."""
        ...

    def counter(self) -> int:
        """The number that the store gave last. Raises OwnerUnavailable."""
        ...

    def looked_at(self, after: int) -> Look:
        """What the store finds of its own columns, in a page of events behind `after`. Raises OwnerUnavailable."""
        ...


class RemoteStore:
    """A recording service's store, asked over HTTP with the services' token."""

    def __init__(self, source: str, urls: Mapping[str, str], token: str) -> None:
        self.source = source
        self._url = urls.get(source)
        self._token = token
        self._owners = Owners(urls, token)

    def page(self, after: int, limit: int) -> list[Item]:
        """As Store says."""
        return [item(body) for body in self._owners.events(self.source, after, limit)]

    def counter(self) -> int:
        """As Store says."""
        try:
            return int(self._ask("/healthz")["sequence"])
        except (KeyError, TypeError, ValueError) as error:
            raise OwnerUnavailable(f"{self.source}: {type(error).__name__}") from error

    def looked_at(self, after: int) -> Look:
        """As Store says."""
        told = self._ask(f"/v1/events/differing?after={after}")
        try:
            last = told["last"]
            if last is not None and (type(last) is not int or last <= after):
                raise ValueError
            found = tuple((int(d["sequence"]), str(d["id"]), tuple(map(str, d["columns"]))) for d in told["differing"])
            return Look(last, found, tuple(map(str, told["guards"])))
        except (KeyError, TypeError, ValueError) as error:
            raise OwnerUnavailable(f"{self.source}: {type(error).__name__}") from error

    def _ask(self, path: str) -> Any:
        if self._url is None:
            raise OwnerUnavailable(f"{self.source}: MIRIAM_OWNER_URLS gives no address")
        request = Request(self._url.rstrip("/") + path, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with urlopen(request, timeout=_PATIENCE) as answer:
                return json.load(answer)
        except URLError as error:
            status = getattr(error, "code", None)
            what = f"{self.source}: status {status}" if status else f"{self.source}: not reached"
            raise OwnerUnavailable(what) from error
        except (OSError, HTTPException, ValueError) as error:
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
        return [item(body.encode()) for body in store.read_leaves_after(self._connection, after, limit)]

    def counter(self) -> int:
        """As Store says."""
        with self._connection.cursor() as cursor:
            cursor.execute("select last_sequence from event_store.counter")
            row = cursor.fetchone()
            return int(row[0]) if row else 0

    def looked_at(self, after: int) -> Look:
        """As Store says."""
        with self._connection.cursor() as cursor:
            # A look needs a transaction, and the connection is in autocommit mode.
            cursor.execute("begin")
            try:
                page = store_check.check(self._connection, after, PAGE)
                guards = store_check.guards_missing(self._connection)
            finally:
                cursor.execute("rollback")
        return Look(page.last, tuple((d.sequence, d.id, d.columns) for d in page.differing), tuple(guards))


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
