"""A private RabbitMQ: one node of its own, with its own epmd, cookie and ports, all on 127.0.0.1.

Debian's `/usr/sbin/rabbitmq-server` switches user and drops the environment; the script beneath it does neither.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from miriam_local.certificates import Certificate, CertificateAuthority
from miriam_local.errors import MissingPrerequisite, ServerFailed
from miriam_local.management import ManagementApi
from miriam_local.ports import RabbitPorts
from miriam_local.processes import end, mark_of, spawn, wait_until
from miriam_local.urls import amqp_url

ADMIN = "miriam.admin"

_PLAIN = "listeners.tcp.1 = 127.0.0.1:{amqp}"
# As deploy/rabbitmq/tls.conf says it of an operated broker.
_TLS = """\
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:{amqp}
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
ssl_options.cacertfile = {folder}/ca.pem
ssl_options.certfile = {folder}/broker.pem
ssl_options.keyfile = {folder}/broker.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
ssl_cert_login_from = common_name
auth_mechanisms.1 = EXTERNAL
auth_mechanisms.2 = PLAIN"""

_CONFIGURATION = """\
{listeners}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
management.rates_mode = none
default_user = {admin}
default_pass = {password}
default_user_tags.administrator = true
default_vhost = /
log.console = true
log.console.level = info
log.file = false
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 200MB
vm_memory_high_watermark.absolute = {memory}
max_message_size = 1048576
"""


def rabbitmq_server() -> Path:
    """The server's own script, which keeps the environment (not the wrapper on the PATH).

    Raises:
        MissingPrerequisite: RabbitMQ is not installed.
    """
    places = [Path("/usr/lib/rabbitmq/bin/rabbitmq-server")]
    places += sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"), reverse=True)
    places.append(Path("/opt/rabbitmq/sbin/rabbitmq-server"))
    for place in places:
        if place.exists():
            return place
    raise MissingPrerequisite("RabbitMQ is not installed", "run `make setup`")


@dataclass
class PrivateRabbitMQ:
    """One RabbitMQ node whose whole state is in `folder`.

    With `tls` it has no listener without: services log in by password, emitters by the certificates of its `authority`.
    """

    folder: Path
    ports: RabbitPorts
    password: str
    memory: str = "2GB"
    tls: bool = False

    _epmd: subprocess.Popen[bytes] | None = None
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def throw_away(cls, folder: Path, tls: bool = False) -> PrivateRabbitMQ:
        """A node for one test run."""
        return cls(folder, RabbitPorts.free(), secrets.token_hex(16), "1GB", tls)

    @property
    def api(self) -> ManagementApi:
        """The node's management API, as its administrator."""
        return ManagementApi(f"http://127.0.0.1:{self.ports.management}", ADMIN, self.password)

    @property
    def authority(self) -> CertificateAuthority:
        """Who vouches for the node and for those who log in by certificate, where it speaks TLS."""
        return CertificateAuthority(self.folder / "tls")

    @property
    def log(self) -> Path:
        """Where `start` sends the node's output."""
        return self.folder / "rabbitmq.log"

    @property
    def node(self) -> str:
        """The node's name, told apart from other nodes of this machine by its folder."""
        return f"miriam-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]}@localhost"

    def url(self, vhost: str = "/", user: str = ADMIN, password: str | None = None) -> str:
        """The AMQP address of a vhost, for the administrator or for another user."""
        secret = self.password if password is None else password
        return amqp_url(user, secret, "127.0.0.1", self.ports.amqp, vhost, "amqps" if self.tls else "amqp")

    def prepare(self) -> None:
        """Write the node's configuration. The first start makes the administrator with `password`."""
        for name in ("mnesia", "home", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "rabbitmq.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            _CONFIGURATION.format(
                listeners=self._listeners(),
                management=self.ports.management,
                admin=ADMIN,
                password=self.password,
                memory=self.memory,
            ),
            encoding="ascii",
        )
        plugins = ["rabbitmq_management", *(["rabbitmq_auth_mechanism_ssl"] if self.tls else [])]
        (self.folder / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n", encoding="ascii")
        # The system's own /etc/rabbitmq must not leak in: empty files of ours stand in its place.
        (self.folder / "environment.conf").write_text("", encoding="ascii")
        (self.folder / "advanced.config").write_text("[].\n", encoding="ascii")

    def _listeners(self) -> str:
        if not self.tls:
            return _PLAIN.format(amqp=self.ports.amqp)
        folder = self.authority.folder
        own = Certificate(folder / "broker.pem", folder / "broker.key")
        self.authority.for_server(own, ["localhost", "127.0.0.1"])
        return _TLS.format(amqp=self.ports.amqp, folder=folder)

    def environment(self) -> dict[str, str]:
        """The environment of the node and of its epmd; nothing of ours is passed on but the PATH."""
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            # Has the script become the Erlang machine instead of its parent: one process to watch and to signal.
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_SECONDS": "0",
            "RABBITMQ_LOG": "-color",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "environment.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            # epmd is a process of its own here, so that it is supervised and ends with the rest.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"),
        }

    def command(self) -> list[str]:
        """What runs the node in the foreground. SIGTERM stops it cleanly."""
        return [str(rabbitmq_server())]

    def epmd_command(self) -> list[str]:
        """What runs the node's own port mapper in the foreground.

        Raises:
            MissingPrerequisite: Erlang is not installed.
        """
        epmd = shutil.which("epmd")
        if not epmd:
            raise MissingPrerequisite("Erlang's epmd is not installed", "run `make setup`")
        return [epmd, "-port", str(self.ports.epmd), "-address", "127.0.0.1"]

    def start(self, timeout: float = 60.0, *, tied_to_parent: bool = False) -> None:
        """Start the node as a child of this process and wait until it answers.

        Raises:
            MissingPrerequisite: RabbitMQ is not installed.
            ServerFailed: it did not answer within `timeout` seconds; the message ends with its last words.
        """
        self.prepare()
        with self.log.open("ab") as log:
            death = signal.SIGKILL if tied_to_parent else None
            self._epmd = spawn(self.epmd_command(), env=self.environment(), output=log, parent_death=death)
            self._process = spawn(self.command(), env=self.environment(), output=log, parent_death=death)
        self.wait_ready(timeout, self._ended)

    @contextmanager
    def running(self) -> Iterator[PrivateRabbitMQ]:
        """The node, started; ended without ceremony on leaving (its state is thrown away), or if we are killed."""
        try:
            self.start(tied_to_parent=True)
            yield self
        finally:
            self.stop(patience=0)

    def wait_ready(self, timeout: float = 60.0, hopeless: Callable[[], bool] = lambda: False) -> None:
        """Wait until the node and its management API answer.

        Raises:
            ServerFailed: they did not within `timeout` seconds, or `hopeless()` became true.
        """
        if not wait_until(lambda: self.api.answers() or hopeless(), timeout, 0.1) or not self.api.answers():
            last = self.log.read_text(encoding="utf-8", errors="replace")[-2000:] if self.log.exists() else ""
            raise ServerFailed(f"RabbitMQ on port {self.ports.amqp} does not answer\n{last}".rstrip(), "read its log")

    def stop(self, patience: float = 30.0) -> None:
        """Stop the node that `start` began, cleanly, then its epmd."""
        for process in (self._process, self._epmd):
            if process is None:
                continue
            running = mark_of(process.pid)
            if running:
                end(running, signal.SIGTERM, patience)
            process.wait(timeout=10)
        self._process = self._epmd = None

    def new_vhost(self, name: str) -> str:
        """Make a vhost where the administrator may do everything; its AMQP address."""
        self.api.put("vhosts", name)
        self.api.put("permissions", name, ADMIN, body={"configure": ".*", "write": ".*", "read": ".*"})
        return self.url(name)

    def _ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None
