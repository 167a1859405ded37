"""A diary: what one emitter sends, in the order in which it noted it, with what the door must answer."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.identity import recorded_id
from miriam_contracts.upcasting import version_of
from miriam_simulator.editions import iso

RECORDED, DUPLICATE, REFUSED = "recorded", "duplicate", "refused"
_DAY = 86_400
_MINUTE = 60

Event = dict[str, Any]


@dataclass(slots=True, eq=False)
class Item:
    """One emission. `noted` is its moment in seconds (ordinal of the day x 86,400 + second of the day, UTC).

    `expect` is the truth that the generator knows: recorded, duplicate or refused; `rule` is the code of the rule that
    refuses it. `latest` is the recorded id of the fact's last version, known to corrections.
    """

    noted: int
    order: int
    event: Event
    expect: str = RECORDED
    rule: str = ""
    latest: str = ""

    @property
    def type(self) -> str:
        """The event's type without prefix and version: `session.held`."""
        _, family, fact, _ = self.event["type"].split(".")
        return f"{family}.{fact}"

    @property
    def version(self) -> int:
        """The version of the event's type."""
        return version_of(self.event["type"])

    @property
    def day(self) -> int:
        """The ordinal of the day on which it was noted."""
        return self.noted // _DAY

    def recorded_id(self) -> str:
        """The id under which its owner records it."""
        owner = EVENT_TYPES[self.event["type"]].owner
        return recorded_id(owner, self.event["source"], self.event["id"])


@dataclass(slots=True, eq=False)
class Diary:
    """The emissions of one emitter. `kind` and `id` are as provisioned."""

    kind: str
    id: str
    items: list[Item] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The source of every event in it."""
        return f"/{self.kind}/{self.id}"

    def note(
        self,
        name: str,
        event_id: str,
        subject: str,
        data: Event,
        *,
        noted: int,
        after: Item | None = None,
        version: int = 1,
        **truth: str,
    ) -> Item:
        """Note a fact `family.fact` at the moment `noted`; never before `after`, on whose record it rests."""
        if after is not None and noted <= after.noted:
            noted = after.noted + _MINUTE
        event = {
            "specversion": "1.0",
            "id": event_id,
            "source": self.source,
            "type": f"miriam.{name}.v{version}",
            "subject": subject,
            "time": moment(noted),
            "datacontenttype": "application/json",
            "data": data,
        }
        item = Item(noted, len(self.items), event, **truth)
        self.items.append(item)
        return item

    def again(self, item: Item, noted: int) -> None:
        """The very same emission once more: its receipt was lost, or a button was pressed twice."""
        if noted <= item.noted:
            noted = item.noted + _MINUTE
        self.items.append(Item(noted, len(self.items), item.event, DUPLICATE))

    def sort(self) -> None:
        """Bring the emissions into the order in which they were noted."""
        self.items.sort(key=lambda item: (item.noted, item.order))

    def until(self, day: int) -> Iterator[Item]:
        """What was noted up to and with that day."""
        return (item for item in self.items if item.noted < (day + 1) * _DAY)

    def since(self, day: int) -> Iterator[Item]:
        """What was noted after that day."""
        return (item for item in self.items if item.noted >= (day + 1) * _DAY)


def at(day: int, second: int) -> int:
    """The moment on a day, `second` counted from midnight UTC."""
    return day * _DAY + second


def moment(noted: int, micros: int = 0) -> str:
    """A moment as RFC 3339 in UTC with microseconds, as it will be recorded."""
    day, second = divmod(noted, _DAY)
    return f"{iso(day)}T{_clock(second)}.{micros:06d}Z"


@cache
def _clock(second: int) -> str:
    return str(dt.timedelta(seconds=second)).zfill(8)
