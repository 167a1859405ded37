"""Where the state of one deployment lies, and which ports are its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# PostgreSQL refuses root, and its own user may not enter a folder like /root: its data then goes here.
SHARED_STATE = Path("/var/lib/miriam")


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
