"""From deliveries to recorded events, all of a batch in one transaction, each recorded, refused or parked on its own.

Checked, opened and decided first; written last, the append at the very end, because its lock makes all other recording
wait. If a stream moved on since its state was read, the transaction is rolled back, that state read again and the batch
decided anew: everything else of the batch comes out as before.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from psycopg2.extensions import connection as Connection

from miriam_platform import door, store
from miriam_platform.admission import Admitted, Rejected, admit
from miriam_platform.batch import Batch, Plan, Twin, Verdict, result_of
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.keys import Keys
from miriam_platform.states import States
from miriam_platform.times import brussels_day, now

# In each round somebody else recorded something: so many rounds in a row are no contention, but a fault.
MOST_ROUNDS = 20
FOLLOWS = "follows a parked event of its subject"


class StreamsKeepMoving(Exception):
    """The same batch met a moved stream MOST_ROUNDS times in a row."""


class _Moved(Exception):
    """Some streams moved on; the transaction must not commit."""

    def __init__(self, streams: set[str]) -> None:
        self.streams = streams


class Recorder:
    """Records what comes to one service. One batch at a time; safe beside other recorders of the same store."""

    def __init__(
        self,
        definition: ServiceDefinition,
        keys: Keys,
        database: Database,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._definition = definition
        self.keys = keys
        self._database = database
        self._clock = clock
        self._states = States()
        self._emitters: dict[str, str] = {}

    def record(self, deliveries: Sequence[Delivery]) -> list[Result]:
        """What became of each delivery, in order; all of it committed.

        Raises what the database raises (`database.LOST` where it went away: nothing is known of the outcome, and the
        same deliveries may simply be recorded again), StreamsKeepMoving, and whatever a fault of ours raises.
        """
        moment = self._clock()
        self._know_emitters(deliveries)
        today = brussels_day(moment)
        checked = [admit(d, self._definition.name, self._emitters, self.keys, today) for d in deliveries]
        for _ in range(MOST_ROUNDS):
            try:
                with self._database.transaction() as connection:
                    results, batch = self._write(connection, checked, moment)
            except _Moved as moved:
                self._states.forget(moved.streams)
                continue
            self._states.keep(batch.states)
            return results
        raise StreamsKeepMoving

    def check(self, delivery: Delivery) -> Admitted | Rejected:
        """The delivery after the checks that need no state. Raises whatever a fault of ours raises."""
        return admit(delivery, self._definition.name, self._emitters, self.keys, brussels_day(self._clock()))

    def _know_emitters(self, deliveries: Sequence[Delivery]) -> None:
        if any(d.emitter not in self._emitters for d in deliveries):
            with self._database.transaction() as connection:
                self._emitters = door.emitters(connection)

    def _write(
        self, connection: Connection, checked: Sequence[Admitted | Rejected], moment: dt.datetime
    ) -> tuple[list[Result], Batch]:
        admitted = [one for one in checked if isinstance(one, Admitted)]
        waiting = {subject_of(one) for one in admitted if not one.delivery.retried}
        parked = door.parked_subjects(connection, waiting) if waiting else set()
        batch = Batch(connection, self._definition, self.keys, self._states)
        batch.look_up([one for one in admitted if subject_of(one) not in parked])
        verdicts: list[Verdict] = []
        for one in checked:
            if isinstance(one, Rejected):
                verdicts.append(self._rejected(one))
            elif subject_of(one) in parked:
                verdicts.append(result_of(one, "parked"))
                door.park(connection, result_of(one, "parked"), self.keys, 0, FOLLOWS)
            else:
                verdicts.append(batch.decide(one))
        if moved := batch.moved():
            raise _Moved(moved)
        events = batch.compose(moment)
        refused = [v for v in verdicts if isinstance(v, Result) and v.outcome == "refused"]
        door.keep_refusals(connection, refused, self.keys)
        outcomes = store.append(connection, events, moment)
        moved = {e.stream for e, o in zip(events, outcomes, strict=True) if not isinstance(o, store.Recorded)}
        if moved:
            raise _Moved(moved)
        batch.number(events, [o.sequence for o in outcomes if isinstance(o, store.Recorded)])
        return [_settled(verdict) for verdict in verdicts], batch

    def _rejected(self, one: Rejected) -> Result:
        kind = self._emitters.get(one.delivery.emitter)
        return Result(
            "refused",
            one.delivery,
            one.delivery.emitter if kind else None,
            f"/{kind}/{one.delivery.emitter}" if kind else None,
            one.attributes,
            problems=one.problems,
        )


def subject_of(one: Admitted) -> door.Subject:
    """What an event is kept in order by, where it must be parked."""
    return door.Subject(one.delivery.emitter, one.emitted.subject)


def _settled(verdict: Verdict) -> Result:
    if isinstance(verdict, Plan):
        return result_of(verdict.admitted, "recorded", events=verdict.recorded)
    if isinstance(verdict, Twin):
        return result_of(verdict.admitted, "duplicate", events=verdict.plan.recorded)
    return verdict
