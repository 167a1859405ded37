"""`miriam cpas`: who may emit."""

from __future__ import annotations

import click

from miriam_cli.output import Steps, emit, json_option, table
from miriam_contracts.catalogue import EMITTER_KINDS
from miriam_contracts.ids import TEST_PREFIX
from miriam_local.commands import explained
from miriam_local.deployment import Deployment
from miriam_local.emitters import Emitter
from miriam_local.errors import LocalError
from miriam_local.places import Places
from miriam_local.provision import admit, admitted
from miriam_local.wipe_command import wipe


@click.group()
def cpas() -> None:
    """Admit CPAS systems (and the authority, and data protection officers), and list them."""


@cpas.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--kind", type=click.Choice(list(EMITTER_KINDS)), default="cpas", show_default=True)
@click.option("--test", is_flag=True, help="A test CPAS, with an id that begins with `test-`: counted in no figure.")
@json_option
def add(ids: tuple[str, ...], kind: str, test: bool, as_json: bool) -> None:
    """Admit each ID: a user of the broker with its rights, its queues, and a file with its credentials.

    It can be repeated: an emitter that is admitted keeps its password, and what waits in its queues stays there.
    """
    with explained():
        emitters = [_as_asked(Emitter(each, kind), test) for each in ids]
        deployment = Deployment.remembered(Places.of_environment())
        with Steps(silent=as_json).waiting(f"admitting {len(ids)}"):
            done = admit(deployment, emitters)
    rows = [(each.emitter.id, each.emitter.source, "new" if each.new else "known", each.credentials) for each in done]
    result = [{"id": r[0], "source": r[1], "new": r[2] == "new", "credentials": str(r[3])} for r in rows]
    emit(result, as_json, lambda screen: screen.print(table("", ["id", "source", "", "credentials"], rows)))


def _as_asked(emitter: Emitter, test: bool) -> Emitter:
    """The emitter, where its id says what was asked for: nobody becomes a test by a slip, or stays none.

    Raises LocalError.
    """
    if test and not emitter.test:
        raise LocalError(
            f"{emitter.id} is no id of a test CPAS", f"name it {TEST_PREFIX}{emitter.id}, or leave out --test"
        )
    if emitter.test and not test:
        raise LocalError(
            f"ids that begin with `{TEST_PREFIX}` are test CPAS, and count in no figure",
            f"say so: miriam cpas add --test {emitter.id}; or choose another id",
        )
    return emitter


@cpas.command(name="list")
@json_option
def list_them(as_json: bool) -> None:
    """List who is admitted, and how many messages wait in the inboxes of each."""
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        emitters = admitted(deployment)
        waiting = deployment.broker.queue_lengths()
    counted = [
        (each, sum(number for name, number in waiting.items() if name.endswith(f".inbox.{each.id}")))
        for each in emitters
    ]
    rows = [(each.id, each.kind, each.source, "test" if each.test else "", number) for each, number in counted]
    result = [
        {"id": each.id, "kind": each.kind, "source": each.source, "test": each.test, "waiting": number}
        for each, number in counted
    ]
    columns = ["id", "kind", "source", "", "waiting"]
    emit(result, as_json, lambda screen: screen.print(table("", columns, rows, right=["waiting"])))


cpas.add_command(wipe)
