"""Protean, as its documentation recommends it on PostgreSQL: an aggregate's repository, its events in the outbox.

Its own event store for PostgreSQL is a separate database system (MessageDB); without it, events are kept for good in
the outbox table, in the transaction of the aggregate's row. No broker takes part.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from protean import Domain, UnitOfWork
from protean.fields import Identifier, Integer, String
from protean.utils.globals import current_domain

from miriam_bench.clients import client
from miriam_bench.events import payload


def domain(url: str) -> tuple[Domain, Any]:
    """The domain on the database at `url`, and its aggregate."""
    made = Domain(name="Bench")
    made.config["databases"]["default"] = {
        "provider": "postgresql",
        "database_uri": url.replace("postgresql://", "postgresql+psycopg://", 1),
    }
    made.config["enable_outbox"] = True
    made.config["event_processing"] = "async"
    made.config["server"]["default_subscription_type"] = "stream"

    @made.aggregate
    class Participation:
        participation = String(max_length=100)
        goals = Integer(default=0)

        def set_goal(self, **said: Any) -> None:
            self.goals += 1
            self.raise_(GoalSet(id=self.id, **said))  # type: ignore[attr-defined,call-arg]

    @made.event(part_of=Participation)
    class GoalSet:
        id = Identifier(required=True)
        project = String(max_length=100)
        participation = String(max_length=100)
        goal = String(max_length=100)
        occurred_on = String(max_length=10)
        domain = String(max_length=50)

    made.init(traverse=False)
    return made, Participation


def prepare(url: str, mode: str, number: int) -> Callable[[int], None]:
    """`single`: an aggregate with one event; `batch`: with fifty."""
    logging.disable(logging.CRITICAL)
    made, participation = domain(url)
    made.domain_context().push()
    size = 50 if mode == "batch" else 1

    def do(operation: int) -> None:
        stream = number * 10_000_000 + operation + 10
        with UnitOfWork():
            one = participation(participation=f"anderlecht:p-{stream}")
            for version in range(1, size + 1):
                one.set_goal(**payload(stream, version))
            current_domain.repository_for(participation).add(one)

    return do


def create(url: str) -> None:
    """Make its tables."""
    logging.disable(logging.CRITICAL)
    made, _ = domain(url)
    with made.domain_context():
        made.setup_database()


if __name__ == "__main__":
    client(prepare, create)
