"""Setting a broker up: its topology, and who may do what on it. Everything here can be repeated without harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from miriam_local import definitions
from miriam_local.definitions import Definitions
from miriam_local.emitters import Emitter
from miriam_local.management import ManagementApi


@dataclass(frozen=True)
class Broker:
    """One vhost of one RabbitMQ, as an administrator sees it."""

    api: ManagementApi
    vhost: str = "miriam"

    def declare(self, services: Mapping[str, str]) -> None:
        """Make the vhost, the exchanges and shared queues, and a user for each service (name -> password).

        Raises:
            BrokerRefused: the broker says no, as where a queue exists with other arguments.
            ServerFailed: it does not answer.
        """
        parts = [definitions.topology(self.vhost, self.api.version())]
        parts += [definitions.for_service(self.vhost, name, password) for name, password in services.items()]
        whole = definitions.merged(parts)
        # The administrator keeps the right to look, count and purge here.
        whole["permissions"].append(
            {"user": self.api.user, "vhost": self.vhost, "configure": ".*", "write": ".*", "read": ".*"}
        )
        self._load(whole)

    def admit(self, emitters: Mapping[Emitter, str | None]) -> None:
        """Make user, rights, inboxes and receipts of each emitter (emitter -> password, None: certificate alone).

        Raises as `declare` does.
        """
        version = self.api.version()
        self._load(
            definitions.merged(
                definitions.for_emitter(self.vhost, emitter, password, version)
                for emitter, password in emitters.items()
            )
        )

    def queue_lengths(self) -> dict[str, int]:
        """Messages per queue, ready and not yet acknowledged together. The broker refreshes them every 5 s."""
        return {str(queue["name"]): int(queue.get("messages", 0)) for queue in self.api.get("queues", self.vhost)}

    def purge_queues_of(self, emitter: str) -> list[str]:
        """Empty the inboxes and the receipts of an emitter; the queues that were emptied. Raises as `declare` does."""
        names = [str(queue["name"]) for queue in self.api.get("queues", self.vhost)]
        own = sorted(each for each in names if each.endswith((f".inbox.{emitter}", f".receipts.{emitter}")))
        for name in own:
            self.api.delete("queues", self.vhost, name, "contents")
        return own

    def _load(self, whole: Definitions) -> None:
        self.api.post("definitions", body=dict(whole))
