"""`miriam cpas wipe`: a test CPAS begins anew."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click
import psycopg2
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import Steps, emit, json_option, table
from miriam_contracts.ids import TEST_PREFIX, is_test
from miriam_local.commands import explained
from miriam_local.deployment import Deployment
from miriam_local.errors import LocalError, ServerFailed
from miriam_local.places import Places
from miriam_local.provision import admitted
from miriam_local.up import run_service

_PAUSE = 0.3
_CARRIED_OUT = """
select count(*)
  from ledger.wipe
  join ledger.leaf on leaf.position = wipe.because_of
 where leaf.event_id = any (%s::uuid[])
"""


@click.command()
@click.argument("cpas", metavar="TEST-CPAS")
@click.option("--reason", required=True, help="Why; it stands in the ledger for good, so name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask: what is emptied does not come back.")
@click.option("--wait", type=float, default=60.0, show_default=True, metavar="SECONDS", help="For the ledger.")
@json_option
def wipe(cpas: str, reason: str, yes: bool, wait: float, as_json: bool) -> None:
    """Empty all that TEST-CPAS ever sent, in every service and in the ledger, and what waits in its queues.

    Numbers and leaf hashes stay, so every proof holds, and no figure changes: none counted it. Each service says in the
    ledger which of its numbers it emptied, and why. The test CPAS stays admitted and may go on; ids of events that it
    used stay used (the same again is answered `duplicate`). It can be repeated.

    Exit code 0: all is emptied; 1: no test CPAS, or a service refuses; 4: the ledger did not follow in time, and does
    so as soon as it runs.
    """
    step = Steps(silent=as_json)
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        _see_that_it_may_be(deployment, cpas)
        if not yes:
            click.confirm(f"Empty all that {cpas} ever sent? It does not come back.", abort=True, err=True)
        with step.waiting("emptying its queues"):
            purged = deployment.broker.purge_queues_of(cpas)
        told: dict[str, Any] = {}
        for service in deployment.recorders:
            with step.waiting(f"wiping it from {service}"):
                told[service] = json.loads(run_service(deployment, service, "wipe", cpas, reason).splitlines()[-1])
        statements = [each for answer in told.values() for each in answer["statements"]]
        with step.waiting("following what the ledger does"):
            followed = _followed(deployment, statements, wait)
    result = {"cpas": cpas, "queues": purged, "services": told, "ledger": followed}
    emit(result, as_json, lambda screen: _show(screen, result))
    if not followed:
        raise Failure(
            Exit.UNREACHABLE, "the ledger has not emptied its leaves yet", "it does so as soon as reporting runs"
        )


def _see_that_it_may_be(deployment: Deployment, cpas: str) -> None:
    if not is_test(cpas):
        raise LocalError(
            f"{cpas} is no test CPAS: what it sent is for good",
            f"only ids that begin with `{TEST_PREFIX}` can be wiped",
        )
    if cpas not in {each.id for each in admitted(deployment)}:
        raise LocalError(f"nobody of the name {cpas} was admitted here", "look at `miriam cpas list`")


def _followed(deployment: Deployment, statements: Sequence[str], wait: float) -> bool:
    """Whether reporting has carried out all these statements, within so many seconds."""
    until = time.monotonic() + wait
    try:
        with closing(psycopg2.connect(deployment.database("reporting").app_url, connect_timeout=10)) as connection:
            while True:
                with connection, connection.cursor() as cursor:
                    cursor.execute(_CARRIED_OUT, (list(statements),))
                    [(count,)] = cursor.fetchall()
                if count == len(statements) or time.monotonic() >= until:
                    return bool(count == len(statements))
                time.sleep(_PAUSE)
    except psycopg2.OperationalError:
        raise ServerFailed("the database of reporting does not answer", "run `miriam up`") from None


def _show(screen: Console, result: dict[str, Any]) -> None:
    rows = [
        (service, each["events"], each["blocks"], each["at_the_door"]) for service, each in result["services"].items()
    ]
    columns = ["service", "events", "sealed blocks", "at the door"]
    screen.print(table(f"wiped of {result['cpas']}", columns, rows, right=columns[1:]))
    if result["queues"]:
        screen.print(f"queues emptied: {', '.join(result['queues'])}")
