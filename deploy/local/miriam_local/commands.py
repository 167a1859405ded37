"""`miriam up`, `down`, `status` and `logs`."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import Steps, emit, json_option, table
from miriam_local import up as bringing
from miriam_local.deployment import Deployment
from miriam_local.errors import LocalError, MissingPrerequisite, ServerFailed
from miriam_local.places import Places
from miriam_local.processes import read_mark
from miriam_local.program import load
from miriam_local.supervision import Supervisor


@contextmanager
def explained() -> Iterator[None]:
    """Turns an error of this package into a failure with its exit code and next step."""
    try:
        yield
    except LocalError as problem:
        codes = {MissingPrerequisite: Exit.PREREQUISITE, ServerFailed: Exit.UNREACHABLE}
        code = next((code for kind, code in codes.items() if isinstance(problem, kind)), Exit.DIFFERENCE)
        raise Failure(code, problem.args[0], problem.next_step) from problem


@click.command()
@json_option
def up(as_json: bool) -> None:
    """Start what does not run: PostgreSQL, RabbitMQ and every service.

    State is kept under .miriam (or MIRIAM_HOME), ports are counted from MIRIAM_PORT_BASE (47000). With
    MIRIAM_POSTGRES_URL or MIRIAM_AMQP_URL (and MIRIAM_AMQP_MANAGEMENT_URL), those servers are used and none is started.
    MIRIAM_SERVICES names the services to run (all; `none` for the servers alone). It can be repeated: what runs
    unchanged is left alone, a service whose code changed is restarted.
    """
    with explained():
        deployment = Deployment.of_environment()
        done = bringing.up(deployment, Steps(silent=as_json))
        states = _states(deployment.places)
    emit({**done, "programs": states}, as_json, lambda screen: _show(screen, states))


@click.command()
@json_option
def provision(as_json: bool) -> None:
    """Make databases, roles, exchanges, queues and users on servers that others run; start nothing.

    For containers: MIRIAM_POSTGRES_URL, MIRIAM_AMQP_URL and MIRIAM_AMQP_MANAGEMENT_URL name the servers,
    MIRIAM_SECRET_MIRIAM_<SERVICE>_OWNER, _APP and MIRIAM_SECRET_SERVICE_<SERVICE> the passwords. It can be repeated.
    """
    with explained():
        deployment = Deployment.of_environment()
        bringing.provision(deployment, Steps(silent=as_json))
    emit({"provisioned": True}, as_json, lambda screen: screen.print("provisioned"))


@click.command()
@click.option("--destroy", is_flag=True, help="Also remove all state: events, keys, credentials. Cannot be undone.")
@click.option("--yes", is_flag=True, help="Do not ask before destroying.")
@json_option
def down(destroy: bool, yes: bool, as_json: bool) -> None:
    """Stop everything; nothing recorded or waiting in a queue is lost."""
    places = Places.of_environment()
    if destroy and not yes:
        click.confirm(f"Remove every event, key and credential under {places.home}?", abort=True, err=True)
    with explained():
        stopped = bringing.down(places, Steps(silent=as_json), destroy=destroy)
    text = f"stopped: {', '.join(stopped)}" if stopped else "nothing was running"
    emit({"stopped": stopped, "destroyed": destroy}, as_json, lambda screen: screen.print(text))


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show every program. Exit code 1 when one of them does not run."""
    places = Places.of_environment()
    with explained():
        states = _states(places)
    result = {"home": str(places.home), "programs": states, **bringing.remembered_choices(places)}
    emit(result, as_json, lambda screen: _show(screen, states))
    if not states or any(each["state"] not in ("running", "starting") for each in states):
        raise click.exceptions.Exit(Exit.DIFFERENCE)


@click.command()
@click.argument("service")
@click.option("-n", "--lines", "count", default=50, show_default=True, type=click.IntRange(1, 100_000))
@click.option("-f", "--follow", is_flag=True, help="Go on printing until interrupted.")
@json_option
def logs(service: str, count: int, follow: bool, as_json: bool) -> None:
    """Print the last lines of SERVICE: a program's name, as `status` shows it."""
    places = Places.of_environment()
    path = places.log_of(service)
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in places.logs.glob("*.log"))) or "none yet"
        raise Failure(Exit.USAGE, f"there is no log of {service!r}", f"logs there are: {known}")
    with path.open(encoding="utf-8", errors="replace") as handle:
        lines = [line.rstrip("\n") for line in deque(handle, maxlen=count)]
        emit({"service": service, "lines": lines}, as_json, lambda screen: click.echo("\n".join(lines)))
        while follow and not as_json:
            more = handle.read()
            if more:
                click.echo(more, nl=False)
            time.sleep(0.3)


def _states(places: Places) -> list[dict[str, Any]]:
    """Each program: name, state in words, pid (None when it does not run), seconds since it started, ports."""
    known = load(places)
    supervisor = Supervisor(places)
    running = supervisor.states() if supervisor.runs() else {}
    states = []
    for program in sorted(known.values(), key=lambda each: (each.priority, each.name)):
        seen = running.get(program.name)
        mark = read_mark(places.mark_of(program.name))
        left = seen is None and mark is not None and mark.alive()
        states.append(
            {
                "name": program.name,
                "state": seen.state.lower() if seen else "left behind" if left else "stopped",
                "pid": (seen.pid or None) if seen else mark.pid if left and mark else None,
                "seconds": int(time.time()) - seen.since if seen and seen.pid else None,
                "ports": program.ports,
            }
        )
    return states


def _show(screen: Console, states: list[dict[str, Any]]) -> None:
    rows = [
        (each["name"], each["state"], each["pid"], each["seconds"], " ".join(map(str, each["ports"])))
        for each in states
    ]
    if not rows:
        screen.print("nothing was ever started; run `miriam up`")
        return
    screen.print(table("", ["program", "state", "pid", "seconds", "ports"], rows, right=["pid", "seconds"]))
