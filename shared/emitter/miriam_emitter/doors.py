"""How fast one service takes what an emitter sends: it learns from the broker's confirms and nacks.

An inbox that has reached its length cap nacks. Sending on at full speed would cost a nack for each event, so the door
narrows: a pause that doubles with every round of nacks, and after it a few events, twice as many with every confirm.
"""

from __future__ import annotations

from dataclasses import dataclass

_SHORTEST = 0.05
_LONGEST = 5.0


@dataclass(slots=True)
class Door:
    """The way into one service. At most `most` events are without receipt there. Times are monotonic seconds."""

    most: int
    unanswered: int = 0
    unconfirmed: int = 0
    closed_until: float = 0.0
    _burst: int = 0
    _pause: float = _SHORTEST

    def __post_init__(self) -> None:
        self._burst = self.most

    def open(self, now: float) -> bool:
        """Whether a new event may be sent now."""
        return self.unanswered < self.most and self.may_publish(now)

    def may_publish(self, now: float) -> bool:
        """Whether the broker may be offered one more event now."""
        return now >= self.closed_until and self.unconfirmed < self._burst

    def confirmed(self) -> None:
        """The broker took one."""
        self.unconfirmed -= 1
        self._burst = min(self._burst * 2, self.most)
        self._pause = _SHORTEST

    def nacked(self, now: float, pause: float = 0.0) -> None:
        """One was not taken, and a pause may be asked for. The nacks of one round count once."""
        self.unconfirmed -= 1
        if now >= self.closed_until:
            self.closed_until = now + max(self._pause, pause)
            self._pause = min(self._pause * 2, _LONGEST)
            self._burst = 1

    def disconnected(self) -> None:
        """The connection is gone, and every confirm with it."""
        self.unconfirmed = 0
        self.closed_until = 0.0
