"""Carrying out here what intake recorded: a key destroyed there is destroyed here, and this service says so.

Idempotent by what it finds: a participation of which nothing is held (any more) gets its mark and no second answer.
Acknowledged after the commit; so whatever is killed in between comes again, and is carried out again.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import orjson

from miriam_platform import forgetting, logging, own, retiring, sealing
from miriam_platform.consumer import Message
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.keys import Keys
from miriam_platform.own import DESTROYED, OwnFact, StreamMoved
from miriam_platform.times import brussels_day, now

# Who owns erasures and retirements, and its user at the broker.
LEADER = "intake"
LEADING_USER = f"service.{LEADER}"
# The types that are carried out.
RETIRED = "miriam.edition.retired.v1"
FOLLOWED = (DESTROYED, RETIRED)
MOST_ROUNDS = 20

Event = Mapping[str, Any]

log = logging.get(__name__)


def queue_of(service: str) -> str:
    """The queue that brings a service what it has to destroy."""
    return f"{service}.erasures"


class Following:
    """Carries out the erasures of one service's part. One user at a time."""

    def __init__(
        self,
        definition: ServiceDefinition,
        keys: Keys,
        database: Database,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._definition = definition
        self._keys = keys
        self._database = database
        self._clock = clock

    def follow(self, messages: Sequence[Message]) -> None:
        """Carry out what these messages say, all of it committed. Raises what the database raises.

        A message that intake did not send is dropped and told: only the broker's administrator can have put it there.
        """
        bodies = []
        for message in messages:
            if message.user_id == LEADING_USER:
                bodies.append(message.body)
            else:
                log.error("not from intake", queue=message.queue)
        self.carry_out(bodies)

    def carry_out(self, bodies: Sequence[bytes]) -> None:
        """Carry out what these recorded events of intake say, in their order.

        Raises NotPublished where a retirement has to wait for the relay, and what the database raises.
        """
        events = [orjson.loads(body) for body in bodies]
        for retirement, run in groupby(events, key=lambda event: event["type"] == RETIRED):
            if retirement:
                for event in run:
                    self._retry([event], partial(self._retire, event))
            else:
                destroyed = list(run)
                self._retry(destroyed, partial(self._destroy, destroyed))

    def _retry(self, events: Sequence[Event], work: Callable[[], Sequence[OwnFact]]) -> None:
        for _ in range(MOST_ROUNDS):
            try:
                stated = work()
            except StreamMoved:
                continue
            log.info("followed", sequence=events[-1]["sequence"], count=len(stated))
            return
        raise StreamMoved({f"key/{event['subject']}" for event in events})

    def _retire(self, event: Event) -> Sequence[OwnFact]:
        return retiring.retire(self._database, self._definition, self._keys, event, self._clock())

    def _destroy(self, events: Sequence[Event]) -> Sequence[OwnFact]:
        moment = self._clock()
        stated: list[OwnFact] = []
        # Intake destroyed its own when it recorded the erasure. Other events of these families destroy nothing.
        destroyed = {event["subject"]: event for event in events if event["type"] == DESTROYED}
        with self._database.transaction() as connection:
            if destroyed and self._definition.name != LEADER:
                gone = sealing.destroy_all(connection, destroyed)
                forgetting.forget(connection, sorted(destroyed), self._keys)
                for each in gone:
                    if each.held:
                        stated.append(_answer(destroyed[each.participation], each.blocks, brussels_day(moment)))
            with connection.cursor() as cursor:
                cursor.execute("select sealed.follow_to(%s)", (max(event["sequence"] for event in events),))
            own.record(connection, self._definition.name, stated, moment)
        return stated


def _answer(event: Event, blocks: int, today: str) -> OwnFact:
    data = event["data"]
    return own.key_destroyed(
        event["subject"],
        blocks,
        because_of=data["because_of"],
        ground=data["ground"],
        on=today,
        correlation=event["correlationid"],
    )
