"""The `eventsourcing` library, as its documentation recommends it: an Application whose aggregates are saved.

Its PostgreSQL module, its default pool, its JSON transcoder. By default it locks its table until the commit, so that
whoever follows its notification ids misses none: the promise that ours keeps too. With its database functions
(POSTGRES_ENABLE_DB_FUNCTIONS) it takes no such lock: a number may become visible after a later one, and a follower that
has passed it misses the event. Both are measured.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from miriam_bench.clients import client
from miriam_bench.events import payload


class Participation(Aggregate):
    """A woman's participation, whose goals are set."""

    def __init__(self) -> None:
        self.goals = 0

    @event("GoalSet")
    def set_goal(self, project: str, participation: str, goal: str, occurred_on: str, domain: str) -> None:
        """A goal was set."""
        self.goals += 1


class FirstGoal(Aggregate):
    """A participation that begins with its first goal: one event."""

    def __init__(self, project: str, participation: str, goal: str, occurred_on: str, domain: str) -> None:
        self.goals = 1


def application(url: str, *, create: bool = False, functions: bool = False) -> Application[Participation]:
    """The application on the database at `url`; it makes its tables where asked to (several at once would clash)."""
    parts = urlsplit(url)
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": parts.path.lstrip("/"),
            "POSTGRES_HOST": parts.hostname or "",
            "POSTGRES_PORT": str(parts.port),
            "POSTGRES_USER": parts.username or "",
            "POSTGRES_PASSWORD": parts.password or "",
            "CREATE_TABLE": "yes" if create else "no",
            "POSTGRES_ENABLE_DB_FUNCTIONS": "yes" if functions else "no",
        }
    )


def prepare(url: str, mode: str, number: int) -> Callable[[int], None]:
    """`single`: an aggregate of one event; `batch`: fifty events of one, saved together; `-functions` after either."""
    app = application(url, functions=mode.endswith("-functions"))

    def single(operation: int) -> None:
        app.save(FirstGoal(**payload(number * 10_000_000 + operation + 10, 1)))

    def batch(operation: int) -> None:
        aggregate = Participation()
        for version in range(1, 50):
            aggregate.set_goal(**payload(number * 10_000_000 + operation + 10, version))
        app.save(aggregate)

    return batch if mode.startswith("batch") else single


if __name__ == "__main__":
    client(prepare, lambda url: application(url, create=True).close())
