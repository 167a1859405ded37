"""What is on its way: which entry may be sent next, and which must be sent again.

Pure bookkeeping without clock or connection. Two rules keep the order of emission, whatever is nacked, lost or late:
no two entries of one subject are on their way together, and an entry leaves only with its receipt. Two more keep it
fair: so many entries in all, and no service more than two fifths of them, so that one that sleeps holds up no other.

Over a link that keeps the order by itself the first rule is milder: entries of one subject may be on their way
together while all of them go to one service. What must go again goes before anything new, in the order of emission.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from miriam_emitter.doors import Door
from miriam_emitter.spool import Waiting

_LONGEST_WAIT = 600.0
_QUEUED = 0.0


@dataclass(slots=True, eq=False)
class Flight:
    """An entry on its way. `due`: when it is sent again unless answered; 0 while it waits to be sent (again)."""

    entry: Waiting
    attempts: int = 0
    due: float = _QUEUED


@dataclass(slots=True, eq=False)
class _Subject:
    """What waits of one subject; how many are on their way, and to which service; whether the next may be taken."""

    queue: deque[Waiting] = field(default_factory=deque)
    out: int = 0
    service: str = ""
    free: bool = False

    def take(self) -> Waiting:
        entry = self.queue.popleft()
        self.out += 1
        self.service = entry.service
        self.free = False
        return entry


class Window:
    """The flights of one emitter. Times are monotonic seconds, given by the caller.

    With `ordered`, the link keeps the order of what it is given for one service, and is certain to tell the end of each
    publication: nothing follows one that it nacks but what it nacks as well. So what is neither confirmed nor nacked is
    not sent again however long that takes.
    """

    def __init__(self, size: int, timeout: float, ordered: bool = False) -> None:
        self._size = size
        self._timeout = timeout
        self._ordered = ordered
        self._share = max(size * 2 // 5, 1)
        self._flights: dict[str, Flight] = {}
        self._tags: dict[int, Flight] = {}  # published and unconfirmed, oldest first
        self._deadlines: list[tuple[float, int, Flight]] = []
        self._doors: dict[str, Door] = {}
        self._repeat: dict[str, list[tuple[int, int, Flight]]] = {}  # heaps, by position
        self._repeats = 0
        # Entries not yet on their way: a queue for each subject; and for each service a heap of the subjects that are
        # free and whose first entry is for that service, by position.
        self._ahead: dict[str, _Subject] = {}
        self._free: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._count_ahead = 0

    @property
    def in_flight(self) -> int:
        """Entries that were sent and have no receipt."""
        return len(self._flights)

    @property
    def ahead(self) -> int:
        """Entries that were offered and not sent yet."""
        return self._count_ahead

    @property
    def has_room(self) -> bool:
        """Whether another entry could be sent, if an eligible one were offered."""
        return len(self._flights) < self._size

    def offer(self, entries: Iterable[Waiting]) -> None:
        """Add waiting entries, in the order of emission."""
        for entry in entries:
            subject = self._ahead.setdefault(entry.subject, _Subject())
            subject.queue.append(entry)
            self._count_ahead += 1
            self._set_free(subject)

    def take(self, now: float) -> Generator[Flight, None, None]:
        """What to publish now, oldest first. Report each with `sent` before asking for the next."""
        for service, queue in self._repeat.items():
            door = self._door(service)
            while queue and door.may_publish(now):
                _, _, flight = heapq.heappop(queue)
                if self._flights.get(flight.entry.id) is flight:
                    yield flight
        while self.has_room:
            open_now = [free for service, free in self._free.items() if free and self._door(service).open(now)]
            if not open_now:
                return
            _, name = heapq.heappop(min(open_now))
            subject = self._ahead[name]
            entry = subject.take()
            self._count_ahead -= 1
            self._set_free(subject)
            flight = self._flights[entry.id] = Flight(entry)
            self._door(entry.service).unanswered += 1
            yield flight

    def sent(self, flight: Flight, tag: int, now: float) -> None:
        """A flight was published under a delivery tag."""
        flight.attempts += 1
        pause = self._timeout * 2 ** min(flight.attempts - 1, 20)
        flight.due = now + min(pause, max(_LONGEST_WAIT, self._timeout))
        self._tags[tag] = flight
        self._door(flight.entry.service).unconfirmed += 1
        heapq.heappush(self._deadlines, (flight.due, tag, flight))

    def confirmed(self, tag: int, multiple: bool) -> None:
        """The broker has stored what was published under this tag, or under it and all before."""
        for flight in self._settled(tag, multiple):
            self._door(flight.entry.service).confirmed()

    def nacked(self, tag: int, multiple: bool, now: float, pause: float = 0.0) -> None:
        """It was not taken: it goes again when the service's door opens, after `pause` seconds at the earliest."""
        for flight in self._settled(tag, multiple):
            self._door(flight.entry.service).nacked(now, pause)
            # It never lay there to be answered, so it does not count as an attempt.
            flight.attempts -= 1
            self._send_again(flight)

    def answered(self, entry_id: str) -> bool:
        """A receipt came: the subject is free for its next entry. False where nothing of that id was on its way."""
        flight = self._flights.pop(entry_id, None)
        if flight is None:
            return False
        self._door(flight.entry.service).unanswered -= 1
        subject = self._ahead[flight.entry.subject]
        subject.out -= 1
        self._set_free(subject)
        if not (subject.queue or subject.out):
            del self._ahead[flight.entry.subject]
        return True

    def expire(self, now: float) -> int:
        """Have sent again what was not answered in time; how many that are."""
        count = 0
        while self._deadlines and self._deadlines[0][0] <= now:
            due, tag, flight = heapq.heappop(self._deadlines)
            if flight.due != due:
                continue
            if self._ordered and self._tags.get(tag) is flight:
                flight.due = now + self._timeout
                heapq.heappush(self._deadlines, (flight.due, tag, flight))
            else:
                count += self._send_again(flight)
        return count

    def disconnected(self) -> None:
        """The connection is gone: what the broker had not confirmed is sent again on the next one.

        What it had confirmed is safe with it; were its receipt lost, its time would run out.
        """
        unconfirmed = set(self._tags.values())
        self._tags.clear()
        self._repeat.clear()
        for flight in self._flights.values():
            # What was taken but never reported as sent is queued too.
            if flight in unconfirmed or flight.due == _QUEUED:
                flight.due = -1.0
                self._send_again(flight)
        for door in self._doors.values():
            door.disconnected()

    def _send_again(self, flight: Flight) -> bool:
        if flight.due == _QUEUED or self._flights.get(flight.entry.id) is not flight:
            return False
        flight.due = _QUEUED
        self._repeats += 1
        queue = self._repeat.setdefault(flight.entry.service, [])
        heapq.heappush(queue, (flight.entry.position, self._repeats, flight))
        return True

    def _set_free(self, subject: _Subject) -> None:
        """Have the subject's next entry taken as soon as the rules allow it; once."""
        if subject.free or not subject.queue:
            return
        entry = subject.queue[0]
        if not subject.out or (self._ordered and subject.service == entry.service):
            subject.free = True
            heapq.heappush(self._free[entry.service], (entry.position, entry.subject))

    def _door(self, service: str) -> Door:
        door = self._doors.get(service)
        if door is None:
            door = self._doors[service] = Door(self._share)
        return door

    def _settled(self, tag: int, multiple: bool) -> list[Flight]:
        if not multiple:
            flight = self._tags.pop(tag, None)
            return [] if flight is None else [flight]
        found = []
        for each in list(self._tags):
            if each > tag:
                break
            found.append(self._tags.pop(each))
        return found
