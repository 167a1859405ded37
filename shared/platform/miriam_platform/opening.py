"""What must be done before a service opens: what a backup lacks is taken back, what it brought back is destroyed.

A database cannot know that it was restored, but it can see that it is elsewhere (`event_store.here`), and the ledger
can say that it holds more than we do. In either case the service opens only when it stands where the ledger stands, and
every erasure was carried out again. An ordinary start asks the ledger too, and opens without an answer: services do not
depend on each other.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_platform import forgetting, logging, sealing, store, taking_back, tally, wiping
from miriam_platform.config import Config
from miriam_platform.database import LOST, Database, connect, pauses
from miriam_platform.definition import ServiceDefinition
from miriam_platform.following import FOLLOWED, LEADER, Following
from miriam_platform.keys import Keys
from miriam_platform.ledger_client import PAGE, HeldEvent, LedgerAway, LedgerClient
from miriam_platform.own import DESTROYED
from miriam_platform.retiring import NotPublished

# What was published before the loss may still be on its way into the ledger: it has to stand still for so long.
QUIET_SECONDS = 2.0
# One process at a time; the others wait, and find it done.
_LOCK = 0x4D694F70656E

log = logging.get(__name__)


class NotOpened(Exception):
    """The service must not open. The message says why and what to do."""


@dataclass(slots=True)
class Opened:
    """What was done: events taken back, participations whose keys and blocks were destroyed once more."""

    restored: bool = False
    taken_back: int = 0
    destroyed: int = 0


def open_service(
    definition: ServiceDefinition,
    config: Config,
    keys: Keys,
    *,
    restored: bool = False,
    without_ledger: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Opened:
    """Bring a service's store to where it may open. Raises NotOpened. A database that is away is awaited.

    `restored`: it is known to have been restored. `without_ledger`: an operator has it open as it is. Where a restored
    service finds no ledger it waits, for as long as it takes.
    """
    for pause in pauses():
        try:
            return _open(definition, config, keys, restored or config.restored, without_ledger, wait)
        except LOST as error:
            log.warning("database lost", error=logging.told(error), pause=pause)
            wait(pause)
    raise AssertionError("pauses() has no end")


def _open(
    definition: ServiceDefinition,
    config: Config,
    keys: Keys,
    restored: bool,
    without_ledger: bool,
    wait: Callable[[float], None],
) -> Opened:
    with closing(connect(config.database_url, f"{definition.name}-opening")) as lock, lock.cursor() as cursor:
        lock.autocommit = True
        cursor.execute("select pg_advisory_lock(%s)", (_LOCK,))
        database = Database(config.database_url, f"{definition.name}-opening")
        try:
            return _Opening(definition, config, keys, database, wait).run(restored, without_ledger)
        finally:
            database.close()


class _Opening:
    def __init__(
        self,
        definition: ServiceDefinition,
        config: Config,
        keys: Keys,
        database: Database,
        wait: Callable[[float], None],
    ) -> None:
        self._definition = definition
        self._keys = keys
        self._database = database
        self._wait = wait
        self._ledger = LedgerClient(config.reporting_url, config.service_token) if config.reporting_url else None
        self._following = Following(definition, keys, database)
        self._done = Opened()

    def run(self, restored: bool, without_ledger: bool) -> Opened:
        noted, here, last = self._database.run(_places)
        self._done.restored = restored or (noted != here and (noted is not None or last > 0))
        if not without_ledger:
            self._ask()
        self._database.run(_note_place)
        log.info("opening", outcome="restored" if self._done.restored else "ordinary", count=self._done.taken_back)
        return self._done

    def _ask(self) -> None:
        if self._ledger is None:
            if self._done.restored:
                raise NotOpened(
                    "this database is not where it was when it last opened: it was restored, moved or copied."
                    " Set MIRIAM_REPORTING_URL, so that what it lost is taken back from the ledger; or, where no ledger"
                    " is to be asked, run the command `restore --without-ledger` once"
                )
            return
        for pause in pauses():
            try:
                self._bring_up(self._ledger)
                return
            except LedgerAway as error:
                if not self._done.restored:
                    # What the ledger knows beyond us it knows at the next start, too.
                    log.warning("ledger not asked", code=str(error))
                    return
                log.warning("restored: waiting for the ledger", code=str(error), pause=pause)
                self._wait(pause)

    def _bring_up(self, ledger: LedgerClient) -> None:
        last = self._database.run(store.last_sequence)
        held = ledger.last_sequence(self._definition.name)
        self._see_that_they_agree(ledger, min(last, held))
        if held > last:
            self._done.restored = True
        if not self._done.restored:
            self._follow(ledger, self._database.run(_followed))
            return
        # From here on it is known, whatever ends this process before it is done.
        self._database.run(_forget_place)
        # What the ledger holds, and agrees with, needs no publishing: a checkpoint as old as the backup moves on.
        self._database.run(lambda connection: _skip_to(connection, min(last, held)))
        while self._take_page(ledger) or self._more_after_a_while(ledger):
            pass
        self._database.run(self._destroy_again)
        self._follow(ledger, 0)

    def _see_that_they_agree(self, ledger: LedgerClient, number: int) -> None:
        if number == 0:
            return
        ours = self._database.run(lambda connection: store.leaf_of(connection, number))
        found = ledger.events(self._definition.name, number - 1, 1)
        if not found or found[0].leaf != ours:
            raise NotOpened(
                f"the ledger holds another event under number {number} than this database: one of the two was changed,"
                " or numbers were given twice after a loss. `miriam audit reconcile` names each; nothing was changed"
            )

    def _more_after_a_while(self, ledger: LedgerClient) -> bool:
        self._wait(QUIET_SECONDS)
        return self._take_page(ledger)

    def _take_page(self, ledger: LedgerClient) -> bool:
        """Take the next page of what the ledger holds beyond us; false where there is nothing."""
        last = self._database.run(store.last_sequence)
        page = ledger.events(self._definition.name, last, PAGE)
        if not page:
            return False
        events = taking_back.whole_facts(page, more=len(page) == PAGE)
        self._database.run(lambda connection: self._take(connection, events))
        self._done.taken_back += len(events)
        log.info("taken back", count=len(events), sequence=events[-1].sequence)
        return True

    def _take(self, connection: Connection, events: list[HeldEvent]) -> None:
        bodies = [taking_back.read(event) for event in events if event.body is not None]
        taking_back.take_back(connection, self._definition.name, events)
        self._definition.taken_back(connection, bodies)
        told = max((body["data"]["last"] for body in bodies if body["type"] == tally.TYPE), default=0)
        with connection.cursor() as cursor:
            cursor.execute("select door.count_on_from(%s)", (told,))

    def _destroy_again(self, connection: Connection) -> None:
        """What this service once destroyed, by its own account, the backup may have brought back."""
        after = 0
        while page := store.read_type(connection, DESTROYED, after, PAGE):
            gone = sorted({taking_back.read(event)["subject"] for event in page})
            forgetting.forget(connection, gone, self._keys)
            self._done.destroyed += sum(each.held for each in sealing.destroy_all(connection, gone))
            after = page[-1].sequence
        wiping.wipe_again(connection, self._definition)
        self._definition.erase_again(connection)

    def _follow(self, ledger: LedgerClient, after: int) -> None:
        """Carry out what intake recorded, as the ledger has it: the queue brings it too, but perhaps not in time."""
        found = [event for type_ in FOLLOWED for page in ledger.every(LEADER, type_, after) for event in page]
        bodies = [e.body.encode() for e in sorted(found, key=lambda e: e.sequence) if e.body is not None]
        for start in range(0, len(bodies), PAGE):
            self._carry_out(bodies[start : start + PAGE])

    def _carry_out(self, bodies: list[bytes]) -> None:
        for pause in pauses():
            try:
                self._following.carry_out(bodies)
                return
            except NotPublished:
                if not self._done.restored:
                    # The queue brings it again and again until it is done.
                    log.warning("retirement waits for the relay")
                    return
                log.warning("restored: waiting for the relay", pause=pause)
                self._wait(pause)


def _places(connection: Connection) -> tuple[str | None, str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select (select place from event_store.place), event_store.here(), event_store.last_sequence()")
        [(noted, here, last)] = cursor.fetchall()
        return noted, here, last


def _skip_to(connection: Connection, sequence: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select relay.skip_to(%s)", (sequence,))


def _note_place(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select event_store.note_place()")


def _forget_place(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select event_store.forget_place()")


def _followed(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select sequence from sealed.followed")
        [(sequence,)] = cursor.fetchall()
        return int(sequence)
