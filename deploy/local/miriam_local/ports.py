"""Which ports are a deployment's own."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from miriam_local.errors import LocalError
from miriam_local.processes import free_ports

DEFAULT_PORT_BASE = 47000


@dataclass(frozen=True)
class RabbitPorts:
    """The four ports of a node."""

    amqp: int
    management: int
    distribution: int
    epmd: int

    @classmethod
    def free(cls) -> RabbitPorts:
        """Four ports that are free now."""
        return cls(*free_ports(4))


@dataclass(frozen=True)
class Ports:
    """The ports of one deployment, all of 127.0.0.1, counted from a base."""

    base: int = DEFAULT_PORT_BASE

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= 65500:
            raise LocalError(f"MIRIAM_PORT_BASE is {self.base}", "choose a number from 1024 to 65500")

    @property
    def postgres(self) -> int:
        """PostgreSQL."""
        return self.base + 1

    @property
    def rabbitmq(self) -> RabbitPorts:
        """AMQP, management, distribution and epmd."""
        return RabbitPorts(self.base + 2, self.base + 3, self.base + 4, self.base + 5)

    def http(self, service: str) -> int:
        """The HTTP port of a service, of the front, or of reporting's pages."""
        known = {"front": 10, "intake": 11, "sessions": 12, "groups": 13, "reporting": 14, "pages": 15}
        return self.base + known[service]

    def servers(self) -> dict[str, int]:
        """The ports of the private servers, by what listens there."""
        return {"postgres": self.postgres, **asdict(self.rabbitmq)}
