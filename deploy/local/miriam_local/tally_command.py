"""`miriam tally`: what the doors refused becomes events now, without waiting for the day's turn."""

from __future__ import annotations

import json

import click

from miriam_cli.output import emit, json_option, table
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_local.commands import explained
from miriam_local.deployment import Deployment
from miriam_local.places import Places
from miriam_local.up import run_service


@click.command()
@json_option
def tally(as_json: bool) -> None:
    """Count what each door refused since its last tally, as an event (figure D07).

    Each service does so by itself once a day. It can be repeated: what is counted is not counted again.
    """
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        told = {service: json.loads(run_service(deployment, service, "tally")) for service in RECORDING_SERVICES}
    rows = [[service, answer["counted"]] for service, answer in told.items()]
    emit(
        {"services": told},
        as_json,
        lambda screen: screen.print(table("refusals counted", ["service", "new"], rows, right=["new"])),
    )
