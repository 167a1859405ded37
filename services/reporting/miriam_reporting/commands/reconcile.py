"""`miriam audit reconcile`: does the ledger hold what the services recorded, and do they still hold it?"""

import datetime as dt
from typing import Any

import click
import psycopg2
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, progress, table
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_platform.config import ConfigurationError
from miriam_reporting.audit.findings import Findings
from miriam_reporting.audit.reconcile import OwnStore, Reconciled, RemoteStore, Store, reconcile
from miriam_reporting.commands.source import environment, reporting_database
from miriam_reporting.commands.verify import show_findings
from miriam_reporting.config import OWNER_URLS, owner_urls
from miriam_reporting.ledger.owners import OwnerUnavailable

TOKEN = "MIRIAM_SERVICE_TOKEN"


@click.command("reconcile")
@click.option("--source", "only", multiple=True, metavar="SERVICE", help="Only this service; may be given again.")
@click.option(
    "--patience", type=click.FloatRange(min=0), default=300.0, metavar="SECONDS", show_default=True,
    help="How old an event may be that the ledger has not taken yet.",
)  # fmt: skip
@json_option
def reconcile_stores(only: tuple[str, ...], patience: float, as_json: bool) -> None:
    """Compare each service's recorded events with the ledger, number by number and hash by hash.

    The services are asked over HTTP with their token; reporting's own events are read in its database. Named are events
    that are missing on either side, that differ, or stand in another order. Events that are still on their way are
    counted as lag.

    Exit code 0: all agrees; 1: something differs; 4: a service does not answer.
    """
    compared: list[Reconciled] = []
    silent: list[str] = []
    with reporting_database() as connection:
        connection.autocommit = True
        stores = [store for store in _stores(connection) if not only or store.source in only]
        if unknown := set(only) - {store.source for store in stores}:
            raise Failure(Exit.USAGE, f"no store of {', '.join(sorted(unknown))}", "name a service that records")
        for store in stores:
            try:
                with progress(f"Comparing {store.source}", _size(store), silent=as_json) as advance:
                    now = dt.datetime.now(dt.UTC)
                    compared.append(reconcile(connection, store, dt.timedelta(seconds=patience), now, advance))
            except OwnerUnavailable as problem:
                silent.append(str(problem))
    total = sum(each.findings.total for each in compared)
    answer = {"services": [each.as_json() for each in compared], "silent": silent, "total": total}
    emit(answer, as_json, lambda console: _show(console, compared))
    if silent:
        # Said even where something differs: what was not compared may differ too.
        failure = Failure(Exit.UNREACHABLE, "not compared: " + "; ".join(silent), "run `miriam status`")
        if not total:
            raise failure
        failure.show()
    if total:
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def _stores(connection: Any) -> list[Store]:
    told = environment()
    token = told.get(TOKEN, "")
    if not token:
        raise Failure(Exit.PREREQUISITE, "the services' token is not known here", f"run `miriam up`, or set {TOKEN}")
    try:
        urls = owner_urls(told)
    except ConfigurationError as problem:
        raise Failure(Exit.PREREQUISITE, str(problem), f"mend {OWNER_URLS}") from problem
    stores: list[Store] = [RemoteStore(source, urls, token) for source in RECORDING_SERVICES]
    try:
        if OwnStore.there(connection):
            stores.append(OwnStore(connection))
    except psycopg2.OperationalError as problem:
        raise Failure(Exit.UNREACHABLE, "the reporting database went away", "run `miriam status`") from problem
    return stores


def _size(store: Store) -> int | None:
    try:
        return store.counter()
    except OwnerUnavailable:
        return None


def _show(console: Console, compared: list[Reconciled]) -> None:
    columns = ["service", "in its store", "in the ledger", "agree", "retired", "on their way", "differences"]
    rows = [(c.source, c.store, c.ledger, c.same, c.retired, c.lag, c.findings.total) for c in compared]
    console.print(table("", columns, rows, right=columns[1:]))
    together = Findings()
    for each in compared:
        together.extend(each.findings.kept)
    show_findings(console, together)
