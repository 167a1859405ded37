"""Bringing a deployment up and down. `up` does what is missing and nothing else; `down` loses nothing."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import psycopg2

from miriam_cli.output import Steps
from miriam_contracts.catalogue import SERVICES
from miriam_local import programs as kept
from miriam_local.deployment import Deployment
from miriam_local.errors import LocalError, MissingPrerequisite, ServerFailed
from miriam_local.launch import end_leftover
from miriam_local.places import Places
from miriam_local.processes import port_is_free, wait_until
from miriam_local.program import Program, load, save
from miriam_local.provision import refresh
from miriam_local.supervision import Supervisor

_LOOPBACK_ONLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold the home's lock, so that two `up` or `down` do not undo each other's work."""
    places.run.mkdir(parents=True, exist_ok=True)
    with (places.run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up(deployment: Deployment, step: Steps) -> dict[str, list[str]]:
    """Start what does not run, restart what changed, migrate, make keys and users. What it started and restarted.

    Raises:
        MissingPrerequisite: a program is not installed, or a port is taken.
        ServerFailed: a server or a service did not come up.
    """
    places = deployment.places
    places.make()
    with alone(places):
        programs = deployment.programs()
        deployment.remember()
        deployment.publish_environments()
        save(places, programs)
        supervisor = Supervisor(places)
        if not supervisor.runs():
            supervisor.end_deaf()
            step(f"starting the supervisor (state in {places.home})")
            supervisor.start(programs)
        restarted = supervisor.apply(programs)
        started = _start_servers(deployment, supervisor, programs, step)
        _provision_servers(deployment, deployment.services, step)
        services = deployment.services
        _make_keys(deployment, services, step)
        _migrate(deployment, services, "pre", step)
        refresh(deployment)
        started += _start_services(deployment, supervisor, programs, step)
        _migrate(deployment, services, "post", step)
    return {"started": [name for name in started if name not in restarted], "restarted": restarted}


def down(places: Places, step: Steps, *, destroy: bool = False) -> list[str]:
    """Stop everything: services first, then the servers, which write what they hold. Names of what was stopped.

    `destroy` then removes all state: events, keys, credentials. It cannot be undone. So no server is waited for that
    would write what it holds.
    """
    if not places.run.exists():
        return []
    with alone(places):
        supervisor = Supervisor(places)
        programs = sorted(load(places).values(), key=lambda each: -each.priority)
        stopped: list[str] = []
        if supervisor.runs():
            running = [name for name, state in supervisor.states().items() if state.pid]
            for priority in sorted({each.priority for each in programs}, reverse=True):
                names = [each.name for each in programs if each.priority == priority]
                if any(name in running for name in names):
                    step(f"stopping {', '.join(names)}")
                supervisor.stop((name for name in names if name in supervisor.states()), at_once=destroy)
            stopped = running
            supervisor.shut_down()
        supervisor.end_deaf()
        for each in programs:
            if end_leftover(places, each):
                stopped.append(each.name)
        if destroy:
            _destroy(places, step)
    return stopped


def _destroy(places: Places, step: Steps) -> None:
    if places.deployment.exists():
        private = Deployment.remembered(places).private_postgres
        if private:
            step(f"removing {private.folder}")
            shutil.rmtree(private.folder, ignore_errors=True)
    step(f"removing {places.home}")
    shutil.rmtree(places.home, ignore_errors=True)


def _start_servers(deployment: Deployment, supervisor: Supervisor, programs: list[Program], step: Steps) -> list[str]:
    own = [each for each in programs if each.name in {server.name for server in deployment.servers()}]
    _see_that_ports_are_free(deployment, supervisor, own)
    started = supervisor.begin(each.name for each in sorted(own, key=lambda each: each.priority))
    if deployment.private_postgres:
        with step.waiting(
            f"PostgreSQL on port {deployment.private_postgres.port}, {deployment.private_postgres.folder}"
        ):
            deployment.private_postgres.wait_ready(60)
    if deployment.private_rabbitmq:
        with step.waiting(f"RabbitMQ on port {deployment.private_rabbitmq.ports.amqp}"):
            deployment.private_rabbitmq.wait_ready(120)
    return started


def _see_that_ports_are_free(deployment: Deployment, supervisor: Supervisor, programs: list[Program]) -> None:
    states = supervisor.states()
    for program in programs:
        if states[program.name].runs:
            continue
        end_leftover(deployment.places, program)
        for port in program.ports:
            if not wait_until(partial(port_is_free, port), 5):
                raise MissingPrerequisite(
                    f"port {port}, for {program.name}, is in use by a program that is not ours",
                    "free it, or set MIRIAM_PORT_BASE to where 20 ports are free",
                )


def provision(deployment: Deployment, step: Steps) -> None:
    """Make databases, roles, exchanges, queues and users on servers that others run. Starts nothing.

    Raises:
        MissingPrerequisite: the environment names no such servers.
        ServerFailed: one does not answer.
    """
    if not deployment.choices.postgres_url or not deployment.choices.amqp_url:
        raise MissingPrerequisite(
            "`provision` is for servers that run already",
            "set MIRIAM_POSTGRES_URL, MIRIAM_AMQP_URL and MIRIAM_AMQP_MANAGEMENT_URL, or run `miriam up`",
        )
    deployment = replace(deployment, choices=replace(deployment.choices, operated=True))
    deployment.places.make()
    with alone(deployment.places):
        deployment.remember()
        _provision_servers(deployment, list(SERVICES), step)


def _provision_servers(deployment: Deployment, services: list[str], step: Steps) -> None:
    step("databases, roles, exchanges, queues and users")
    try:
        for service in services:
            deployment.ensure_database(service)
    except psycopg2.OperationalError as problem:
        raise ServerFailed(f"PostgreSQL: {problem}", "see `miriam logs postgres`") from None
    deployment.broker.declare(deployment.service_passwords())


def _make_keys(deployment: Deployment, services: list[str], step: Steps) -> None:
    step("keys of the services")

    def make(service: str) -> None:
        folder = deployment.keys_of(service)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        run_service(deployment, service, "keys")
        for public in folder.glob("*.pub*"):
            target = deployment.places.public_keys / f"{service}.{public.name}"
            shutil.copyfile(public, target)
            target.chmod(0o644)

    _for_each(services, make)
    if "reporting" in services:
        deployment.witness.prepare()


def _migrate(deployment: Deployment, services: list[str], half: str, step: Steps) -> None:
    step(f"migrations, the part {'before' if half == 'pre' else 'after'} the new code runs")
    if half == "post":
        # Most versions have none, and a process that finds that out costs as much as one that migrates.
        services = [service for service in services if kept.has_post_scripts(service)]
    _for_each(services, lambda service: run_service(deployment, service, "migrate", half))


def _for_each(services: list[str], work: Callable[[str], object]) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(work, services))


def _start_services(deployment: Deployment, supervisor: Supervisor, programs: list[Program], step: Steps) -> list[str]:
    servers = {server.name for server in deployment.servers()}
    own = [each for each in programs if each.name not in servers]
    _see_that_ports_are_free(deployment, supervisor, own)
    started = supervisor.begin(each.name for each in own)
    more = [*(["front"] if deployment.front() else []), *(["pages"] if "reporting" in deployment.services else [])]
    for service in [*deployment.services, *more]:
        with step.waiting(f"{service} on port {deployment.ports.http(service)}"):
            if not wait_until(partial(healthy, deployment, service), 60, 0.1):
                raise ServerFailed(f"{service} does not answer", f"see `miriam logs {service}`")
    return started


def healthy(deployment: Deployment, service: str) -> bool:
    """True when the service's `/healthz` says so."""
    address = f"http://127.0.0.1:{deployment.ports.http(service)}/healthz"
    try:
        with _LOOPBACK_ONLY.open(address, timeout=2) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def run_service(deployment: Deployment, service: str, *arguments: str) -> str:
    """Run `python -m miriam_<service> ARGUMENTS` in the service's environment; what it printed.

    Raises:
        LocalError: it failed; the message ends with its last words.
    """
    told = deployment.migration_environment_of(service)
    environment = kept.service_programs(service, told, 0)[0].environment
    done = subprocess.run(
        [sys.executable, "-m", f"miriam_{service}", *arguments],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-1500:]
        raise LocalError(
            f"`{service} {' '.join(arguments)}` failed ({done.returncode}): {said}", "mend it, then `miriam up`"
        )
    return done.stdout


def remembered_choices(places: Places) -> dict[str, object]:
    """The choices of the last `up`, without what could hold a password."""
    if not places.deployment.exists():
        return {}
    known = json.loads(places.deployment.read_text(encoding="utf-8"))
    return {
        "port_base": known["port_base"],
        "private_postgres": not known["postgres_url"],
        "private_rabbitmq": not known["amqp_url"],
    }
