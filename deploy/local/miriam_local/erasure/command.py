"""`miriam erase`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from zoneinfo import ZoneInfo

import click
import psycopg2
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import Steps, emit, json_option, table
from miriam_contracts.codes import ERASURE_GROUNDS
from miriam_contracts.ids import PERSON_PATTERN
from miriam_emitter.emitter import Emitter
from miriam_emitter.errors import EmitterError, NotConfigured, Unreachable
from miriam_emitter.settings import Settings
from miriam_local.commands import explained
from miriam_local.deployment import Deployment
from miriam_local.erasure.following import Followers
from miriam_local.erasure.women import Woman, person_of, women_behind
from miriam_local.errors import LocalError, ServerFailed
from miriam_local.places import Places


@click.command()
@click.argument("person", required=False)
@click.option("--participation", metavar="ID", help="Her participation, where the person's id is not known.")
@click.option("--ground", required=True, type=click.Choice(ERASURE_GROUNDS), help="The ground (GDPR, art. 17).")
@click.option("--actor", required=True, metavar="ID", help="The data protection officer who grants it: spp-is-dpo.")
@click.option("--only", is_flag=True, help="This record alone, though she is linked with others.")
@click.option("--yes", is_flag=True, help="Do not ask: what is destroyed does not come back.")
@click.option("--wait", type=float, default=60.0, show_default=True, metavar="SECONDS", help="For the services.")
@json_option
def erase(
    person: str | None,
    participation: str | None,
    ground: str,
    actor: str,
    only: bool,
    yes: bool,
    wait: float,
    as_json: bool,
) -> None:
    """Destroy what names a woman, in every service: PERSON is her random id (prs-...).

    Where two records turned out to be one woman, both are erased (not with --only). Events and figures stay as they
    are. Printed is what each service destroyed, and the numbers under which it said so: `miriam audit prove` proves
    each of them. It can be repeated.

    Exit code 0: every service did its part; 2: no such person; 3: no credentials of the actor; 4: a service did not
    answer in time, and does its part as soon as it runs.
    """
    step = Steps(silent=as_json)
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        women = _women(deployment, person, participation)
        if only:
            women = women[:1]
        _confirm(women, yes)
        for woman in women:
            if woman.erased is None:
                with step.waiting(f"erasing {woman.person}"):
                    _emit(deployment, woman, participation, ground, actor.removeprefix("dpo."), wait)
        women = [_again(deployment, woman) for woman in women]
        with step.waiting("following what the services do"):
            told, behind = Followers(deployment).wait([woman.erased for woman in women if woman.erased], wait)
    result = {"persons": [_told(woman, told) for woman in women], "behind": behind}
    emit(result, as_json, lambda screen: _show(screen, result))
    if behind:
        raise Failure(Exit.UNREACHABLE, f"not answered yet: {', '.join(behind)}", "the same command goes on following")


def _women(deployment: Deployment, person: str | None, participation: str | None) -> list[Woman]:
    if (person is None) == (participation is None):
        raise Failure(Exit.USAGE, "name a person or a participation", "miriam erase prs-...  --ground ... --actor ...")
    with closing(_intake(deployment)) as connection, connection:
        found = person or person_of(connection, participation or "")
        if found is None or not PERSON_PATTERN.fullmatch(found):
            raise Failure(
                Exit.USAGE, "no enrolment says who she is", "look at the ids; those of persons begin with prs-"
            )
        women = women_behind(connection, found)
    if not women[0].participations and women[0].erased is None:
        raise Failure(Exit.USAGE, f"intake knows no {found}", "miriam erase --participation ID finds her by another id")
    return women


def _again(deployment: Deployment, woman: Woman) -> Woman:
    """The same woman, with the id of her erasure."""
    with closing(_intake(deployment)) as connection, connection:
        found = women_behind(connection, woman.person)[0]
    return Woman(woman.person, woman.participations, found.erased)


def _intake(deployment: Deployment) -> Any:
    try:
        return psycopg2.connect(deployment.database("intake").app_url, connect_timeout=10)
    except psycopg2.OperationalError:
        raise ServerFailed("the database of intake does not answer", "run `miriam up`") from None


def _confirm(women: Sequence[Woman], yes: bool) -> None:
    if yes:
        return
    for woman in women:
        state = "erased already" if woman.erased else ", ".join(woman.participations)
        click.echo(f"{woman.person}: {state}", err=True)
    if len(women) > 1:
        click.echo("They are linked: records of one woman.", err=True)
    click.confirm("Destroy what names her, in every service? It does not come back.", abort=True, err=True)


def _emit(
    deployment: Deployment, woman: Woman, participation: str | None, ground: str, actor: str, wait: float
) -> None:
    """Emit the erasure as the officer, and see that it is recorded. Raises LocalError."""
    now = dt.datetime.now(ZoneInfo("Europe/Brussels")).replace(microsecond=0)
    data = {"person": woman.person, "occurred_on": now.date().isoformat(), "ground": ground}
    if participation is not None and participation in woman.participations:
        data["participation"] = participation
    event: dict[str, Any] = {
        "id": f"erasure-{uuid.uuid4()}",
        "type": "miriam.person.erased.v1",
        "subject": woman.person,
        "time": now.isoformat(),
        "data": data,
    }
    try:
        settings = Settings.load(actor, home=deployment.places.home)
        if settings.kind != "dpo":
            raise Failure(Exit.PREREQUISITE, f"{actor} is no data protection officer", "miriam cpas add ID --kind dpo")
        with Emitter(settings) as sender:
            sender.put(event)
            sender.run(patience=wait)
            (receipt,) = sender.spool.answers([event["id"]])
    except Unreachable as problem:
        raise ServerFailed(str(problem.args[0]), problem.next_step) from None
    except NotConfigured as problem:
        raise Failure(Exit.PREREQUISITE, str(problem.args[0]), problem.next_step) from None
    except EmitterError as problem:
        raise LocalError(str(problem.args[0]), problem.next_step) from None
    codes = [problem["code"] for problem in receipt.content["problems"]]
    # Another officer, or this one a moment ago, was first: then what is left to do is to follow.
    if receipt.outcome not in ("recorded", "duplicate") and codes != ["already_erased"]:
        raise LocalError(f"intake answered {receipt.outcome}: {', '.join(codes)}", "miriam receipts --refused")


def _told(woman: Woman, told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    destroyed = {service: answers[woman.erased]["destroyed"] for service, answers in told.items() if woman.erased}
    return {"person": woman.person, "erasure": woman.erased, "destroyed": destroyed}


def _show(screen: Console, result: dict[str, Any]) -> None:
    rows = [
        (woman["person"], each["participation"], service, each["blocks"], each["sequence"], each["leaf"][:16])
        for woman in result["persons"]
        for service, destroyed in woman["destroyed"].items()
        for each in destroyed
    ]
    columns = ["person", "participation", "service", "blocks", "number", "leaf"]
    screen.print(table("destroyed", columns, rows, right=["blocks", "number"]))
