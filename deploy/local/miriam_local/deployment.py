"""One deployment: its servers (private or named by the environment), its services, and how each is reached."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_local.broker import Broker
from miriam_local.databases import DatabaseAccess, PostgresAdmin
from miriam_local.errors import LocalError, MissingPrerequisite
from miriam_local.management import ManagementApi
from miriam_local.passwords import Passwords, write_private
from miriam_local.places import Places
from miriam_local.ports import Ports
from miriam_local.postgres import PrivatePostgres, unprivileged_user
from miriam_local.program import Program
from miriam_local.programs import front_program, installed_services, service_programs, witness_program
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_local.urls import amqp_url, postgres_url
from miriam_local.witnessing import AuthorityWitness

VHOST = "miriam"


@dataclass(frozen=True)
class Choices:
    """What the environment decided at the last `up`.

    An address that is set means: use that server, start none. `services` None means all that are installed.
    """

    port_base: int
    postgres_url: str | None
    amqp_url: str | None
    management_url: str | None
    services: list[str] | None = None
    # True where `provision` made databases for services that others run: they are all there, though not installed here.
    operated: bool = False
    # Where emitters reach reporting, if that is not the port of this machine.
    reporting_url: str | None = None
    # Where they post events over HTTP, if that is not the front of this machine.
    front_url: str | None = None
    # Whether the private broker speaks TLS alone, and emitters log in by certificate.
    amqp_tls: bool = False
    # Who vouches for a broker that others run, if this system does not know.
    amqp_ca_file: str | None = None

    @classmethod
    def of_environment(cls) -> Choices:
        """MIRIAM_PORT_BASE, MIRIAM_POSTGRES_URL, MIRIAM_AMQP_URL, MIRIAM_AMQP_MANAGEMENT_URL, MIRIAM_AMQP_TLS,
        MIRIAM_AMQP_CA_FILE, MIRIAM_REPORTING_URL, MIRIAM_FRONT_URL and MIRIAM_SERVICES.

        Raises:
            MissingPrerequisite: a broker is named without its management address, or a file is not there.
            LocalError: the port base is no number, a service is none of ours, or TLS is asked of a broker of others.
        """
        base = os.environ.get("MIRIAM_PORT_BASE", "47000")
        if not base.isdigit():
            raise LocalError(f"MIRIAM_PORT_BASE is {base!r}", "set it to a number from 1024 to 65500")
        amqp, management = os.environ.get("MIRIAM_AMQP_URL"), os.environ.get("MIRIAM_AMQP_MANAGEMENT_URL")
        if amqp and not management:
            raise MissingPrerequisite(
                "MIRIAM_AMQP_URL is set and MIRIAM_AMQP_MANAGEMENT_URL is not",
                "set it to the address of that broker's management API, like http://broker:15672: users and queues "
                "are made through it",
            )
        postgres = os.environ.get("MIRIAM_POSTGRES_URL") or None
        reporting = os.environ.get("MIRIAM_REPORTING_URL") or None
        return cls(
            int(base),
            postgres,
            amqp or None,
            management or None,
            cls._services(),
            reporting_url=reporting,
            front_url=os.environ.get("MIRIAM_FRONT_URL") or None,
            amqp_tls=cls._tls(amqp),
            amqp_ca_file=cls._ca_file(amqp),
        )

    @staticmethod
    def _tls(amqp: str | None) -> bool:
        asked = os.environ.get("MIRIAM_AMQP_TLS", "0")
        if asked not in ("0", "1"):
            raise LocalError(f"MIRIAM_AMQP_TLS is {asked!r}", "set it to 1, or to 0")
        if asked == "1" and amqp:
            raise LocalError(
                "MIRIAM_AMQP_TLS is for the private broker, and MIRIAM_AMQP_URL names another",
                "unset one of them; that broker's TLS is decided where it runs: see deploy/rabbitmq",
            )
        return asked == "1"

    @staticmethod
    def _ca_file(amqp: str | None) -> str | None:
        named = os.environ.get("MIRIAM_AMQP_CA_FILE")
        if not named or not amqp:
            return None
        path = Path(named).expanduser().resolve()
        if not path.is_file():
            raise MissingPrerequisite(
                f"MIRIAM_AMQP_CA_FILE: there is no file {path}", "name the CA's certificate (PEM)"
            )
        return str(path)

    @staticmethod
    def _services() -> list[str] | None:
        named = os.environ.get("MIRIAM_SERVICES", "").replace(",", " ").split()
        unknown = sorted({*named} - {*SERVICES, "none"})
        if unknown:
            raise LocalError(
                f"MIRIAM_SERVICES names {', '.join(unknown)}", f"name some of {', '.join(SERVICES)}, or none"
            )
        return [name for name in SERVICES if name in named] if named else None


@dataclass(frozen=True)
class Deployment:
    """A deployment under one home."""

    places: Places
    choices: Choices

    @classmethod
    def of_environment(cls) -> Deployment:
        """What the environment asks for now. `remember` keeps it for the commands that follow."""
        return cls(Places.of_environment(), Choices.of_environment())

    @classmethod
    def remembered(cls, places: Places) -> Deployment:
        """What the last `up` of this home used.

        Raises:
            MissingPrerequisite: there was none.
        """
        if not places.deployment.exists():
            raise MissingPrerequisite(f"nothing was ever started under {places.home}", "run `miriam up`")
        return cls(places, Choices(**json.loads(places.deployment.read_text(encoding="utf-8"))))

    def remember(self) -> None:
        """Keep the choices, closed to others: an address may hold a password."""
        write_private(self.places.deployment, asdict(self.choices))

    @cached_property
    def ports(self) -> Ports:
        """The ports of this deployment."""
        return Ports(self.choices.port_base)

    @cached_property
    def passwords(self) -> Passwords:
        """The passwords of this deployment."""
        return Passwords(self.places.secrets)

    @cached_property
    def private_postgres(self) -> PrivatePostgres | None:
        """Our own PostgreSQL; None where the environment named another."""
        if self.choices.postgres_url:
            return None
        identity = self.passwords.of("identity of this home")
        folder = self.places.postgres(identity, unprivileged_user())
        return PrivatePostgres(folder, self.ports.postgres, self.passwords.of("postgres"))

    @cached_property
    def private_rabbitmq(self) -> PrivateRabbitMQ | None:
        """Our own RabbitMQ; None where the environment named another."""
        if self.choices.amqp_url:
            return None
        password = self.passwords.of("rabbitmq")
        return PrivateRabbitMQ(self.places.rabbitmq, self.ports.rabbitmq, password, tls=self.choices.amqp_tls)

    @property
    def admin(self) -> PostgresAdmin:
        """Makes roles and databases."""
        own = self.private_postgres
        return own.admin if own else PostgresAdmin(self.choices.postgres_url or "")

    @property
    def broker(self) -> Broker:
        """The vhost of this deployment, through the management API."""
        own = self.private_rabbitmq
        if own:
            return Broker(own.api, VHOST)
        named = urlsplit(self.choices.amqp_url or "")
        address = (self.choices.management_url or "").rstrip("/")
        vhost = unquote(named.path.lstrip("/")) or VHOST
        return Broker(ManagementApi(address, unquote(named.username or ""), unquote(named.password or "")), vhost)

    def amqp_url(self, user: str, password: str | None) -> str:
        """The broker's address for a user, in this deployment's vhost. No password: it logs in by certificate."""
        own = self.private_rabbitmq
        if own:
            return amqp_url(user, password, "127.0.0.1", own.ports.amqp, VHOST, "amqps" if own.tls else "amqp")
        named = urlsplit(self.choices.amqp_url or "")
        port = named.port or (5671 if named.scheme == "amqps" else 5672)
        return amqp_url(user, password, named.hostname or "127.0.0.1", port, self.broker.vhost, named.scheme)

    @property
    def amqp_ca_file(self) -> Path | None:
        """By which certificate the broker's own is believed; None where it speaks no TLS, or the system knows."""
        own = self.private_rabbitmq
        if own:
            return own.authority.file if own.tls else None
        return Path(self.choices.amqp_ca_file) if self.choices.amqp_ca_file else None

    @property
    def reporting_url(self) -> str:
        """Where emitters ask for the ledger."""
        return self.choices.reporting_url or f"http://127.0.0.1:{self.ports.http('reporting')}"

    @property
    def front_url(self) -> str:
        """The one address at which events are taken over HTTP."""
        return self.choices.front_url or f"http://127.0.0.1:{self.ports.http('front')}"

    @property
    def pages_url(self) -> str:
        """Where people find reporting's pages."""
        return os.environ.get("MIRIAM_PAGES_URL") or f"http://127.0.0.1:{self.ports.http('pages')}"

    def database(self, service: str) -> DatabaseAccess:
        """Where the database of a service is; `ensure_database` makes it."""
        name = f"miriam_{service}"
        owner, app = f"{name}_owner", f"{name}_app"
        server = urlsplit(self.admin.url)
        host, port = server.hostname or "127.0.0.1", server.port or 5432
        return DatabaseAccess(
            name,
            owner,
            app,
            postgres_url(owner, self.passwords.of(owner), host, port, name),
            postgres_url(app, self.passwords.of(app), host, port, name),
        )

    def ensure_database(self, service: str) -> DatabaseAccess:
        """Make the database and roles of a service, with this deployment's passwords."""
        name = f"miriam_{service}"
        return self.admin.ensure_database(name, self.passwords.of(f"{name}_owner"), self.passwords.of(f"{name}_app"))

    @property
    def services(self) -> list[str]:
        """The services to run here: those that were chosen, of those that are installed."""
        chosen = self.choices.services
        return [name for name in installed_services() if chosen is None or name in chosen]

    @property
    def recorders(self) -> list[str]:
        """The recording services whose databases this deployment made."""
        return [name for name in RECORDING_SERVICES if self.choices.operated or name in self.services]

    def service_passwords(self) -> dict[str, str]:
        """The broker's password of each service."""
        return {service: self.passwords.of(f"service.{service}") for service in SERVICES}

    def keys_of(self, service: str) -> Path:
        """The folder of a service's private keys."""
        return self.places.service_keys / service

    @property
    def witness(self) -> AuthorityWitness:
        """The authority's witness of the ledger."""
        return AuthorityWitness(self.places, self.keys_of("reporting"))

    def environment_of(self, service: str) -> dict[str, str]:
        """What a service is told by its environment: nothing that would let it change its own tables."""
        access = self.database(service)
        told = {
            "MIRIAM_DATABASE_URL": access.app_url,
            "MIRIAM_AMQP_URL": self.amqp_url(f"service.{service}", self.service_passwords()[service]),
            "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{self.ports.http(service)}",
            "MIRIAM_KEYS_DIR": str(self.keys_of(service)),
            "MIRIAM_SERVICE_TOKEN": self.passwords.of("service token"),
        }
        if self.amqp_ca_file:
            told["MIRIAM_AMQP_CA_FILE"] = str(self.amqp_ca_file)
        if service in RECORDING_SERVICES:
            # Nothing leaves this machine on its way to the door.
            told["MIRIAM_DOOR_ENCRYPTED"] = "1"
            told["MIRIAM_REPORTING_URL"] = f"http://127.0.0.1:{self.ports.http('reporting')}"
        else:
            told["MIRIAM_OWNER_URLS"] = self._owner_urls()
            told["MIRIAM_PAGES_ADDRESS"] = f"127.0.0.1:{self.ports.http('pages')}"
            told["MIRIAM_PAGES_URL"] = self.pages_url
            told["MIRIAM_PAGES_SECRET"] = self.passwords.of("pages cookies")
        return told

    def _owner_urls(self) -> str:
        return ",".join(f"{owner}=http://127.0.0.1:{self.ports.http(owner)}" for owner in RECORDING_SERVICES)

    def migration_environment_of(self, service: str) -> dict[str, str]:
        """What a service's migrations are told: the same, and the owner's address."""
        return {**self.environment_of(service), "MIRIAM_MIGRATION_URL": self.database(service).owner_url}

    def publish_environments(self) -> None:
        """Keep each service's environment in a file closed to others, for commands that act in its place."""
        for service in self.services:
            write_private(self.places.environments / f"{service}.json", self.migration_environment_of(service))

    def servers(self) -> list[Program]:
        """The programs of the private servers."""
        programs = []
        if self.private_postgres:
            own = self.private_postgres
            plain = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
            programs.append(
                # SIGINT is PostgreSQL's fast stop: SIGTERM would wait for every client to leave.
                Program("postgres", own.command(), plain, 10, unprivileged_user(), "INT", 60, ports=[own.port])
            )
        if self.private_rabbitmq:
            broker, ports = self.private_rabbitmq, self.private_rabbitmq.ports
            environment = broker.environment()
            listens = [ports.amqp, ports.management, ports.distribution]
            programs.append(Program("epmd", broker.epmd_command(), environment, 5, ports=[ports.epmd]))
            # What its configuration says is no part of the command: told here, so that a change restarts it.
            speaks = "tls" if broker.tls else ""
            programs.append(
                Program("rabbitmq", broker.command(), environment, 10, stop_seconds=60, code=speaks, ports=listens)
            )
        return programs

    def programs(self) -> list[Program]:
        """Every program, servers first."""
        whole = self.servers()
        for service in self.services:
            whole += service_programs(service, self.environment_of(service), self.ports.http(service))
        front = self.front()
        if front:
            whole.append(front)
        if "reporting" in self.services:
            whole.append(witness_program(self.witness.arguments(f"http://127.0.0.1:{self.ports.http('reporting')}")))
        return whole

    def front(self) -> Program | None:
        """The front; None where no recording service runs here, or its package is not installed."""
        if not set(self.services) & set(RECORDING_SERVICES):
            return None
        port = self.ports.http("front")
        told = {"MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{port}", "MIRIAM_OWNER_URLS": self._owner_urls()}
        return front_program(told, port)

    def prepare_server(self, program: str) -> None:
        """Ready the files of a private server before it starts; nothing for any other program."""
        if program == "postgres" and self.private_postgres:
            self.private_postgres.prepare()
        elif program == "rabbitmq" and self.private_rabbitmq:
            self.private_rabbitmq.prepare()
