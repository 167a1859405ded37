"""Where the state of one deployment lies, and which ports are its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from miriam_local.errors import LocalError
from miriam_local.rabbitmq import RabbitPorts

DEFAULT_PORT_BASE = 47000
# PostgreSQL refuses root, and its own user may not enter a folder like /root: its data then goes here.
SHARED_STATE = Path("/var/lib/miriam")


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


@dataclass(frozen=True)
class Places:
    """The folders and files under one home (`.miriam`)."""

    home: Path

    @classmethod
    def of_environment(cls) -> Places:
        """MIRIAM_HOME, or the nearest `.miriam` here or in a folder above, or one beside this package's project."""
        named = os.environ.get("MIRIAM_HOME")
        if named:
            return cls(Path(named).expanduser().resolve())
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / ".miriam").is_dir():
                return cls(folder / ".miriam")
        project = Path(__file__).resolve().parents[3]
        return cls((project if (project / "Makefile").exists() else here) / ".miriam")

    def make(self) -> None:
        """Make the folders. Those that hold secrets are closed to others; the home is not, for PostgreSQL's user."""
        self.home.mkdir(parents=True, exist_ok=True)
        for folder in (self.logs, self.run, self.emitters, self.service_keys, self.environments, self.rabbitmq):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.public_keys.mkdir(exist_ok=True)

    @property
    def logs(self) -> Path:
        """One log file a program."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Marks of running processes, the supervisor's files, the programs."""
        return self.home / "run"

    @property
    def emitters(self) -> Path:
        """Credentials of each emitter: <id>.json."""
        return self.home / "emitters"

    @property
    def public_keys(self) -> Path:
        """What emitters and auditors may know: <service>.<key>.pub.json."""
        return self.home / "keys"

    @property
    def service_keys(self) -> Path:
        """The private keys, a folder a service."""
        return self.home / "service-keys"

    @property
    def environments(self) -> Path:
        """What each service is told, for commands that act in its place: <service>.json."""
        return self.home / "environments"

    @property
    def rabbitmq(self) -> Path:
        """RabbitMQ's state."""
        return self.home / "rabbitmq"

    @property
    def secrets(self) -> Path:
        """Passwords made for this deployment."""
        return self.home / "secrets.json"

    @property
    def deployment(self) -> Path:
        """Which ports and servers the last `up` used."""
        return self.home / "deployment.json"

    def log_of(self, program: str) -> Path:
        """The log file of a program."""
        return self.logs / f"{program}.log"

    def mark_of(self, program: str) -> Path:
        """The file that tells which process a program is."""
        return self.run / f"{program}.pid"

    def postgres(self, identity: str, user: str | None) -> Path:
        """PostgreSQL's folder: under the home where its `user` may enter there, else under /var/lib/miriam.

        `identity` is random and kept in the home, so that a home that was removed and made anew does not meet the data
        of the old one, whose passwords are gone.
        """
        if user is None or _can_enter(user, self.home):
            return self.home / "postgres"
        SHARED_STATE.mkdir(parents=True, exist_ok=True)
        SHARED_STATE.chmod(0o755)
        return SHARED_STATE / identity


def _can_enter(user: str, folder: Path) -> bool:
    probe = subprocess.run(
        ["test", "-x", str(folder)], check=False, cwd="/", user=user, group=user, extra_groups=[], capture_output=True
    )
    return probe.returncode == 0
