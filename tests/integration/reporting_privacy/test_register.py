"""The register keeps each step for good, takes none that breaks a rule, and believes the ledger alone."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner, Result
from history_defaults import person
from indicator_history import History
from psycopg2.extensions import connection as Connection

from miriam_platform import database
from miriam_reporting.commands.privacy import requests as command
from miriam_reporting.privacy import register
from miriam_reporting.privacy.domain import Step
from miriam_reporting.privacy.register import Kept, StepRefused

DPO = "dpo.spp"
DAY = dt.date(2024, 12, 31)


@pytest.fixture
def app(history: History) -> Connection:
    """The database as the application reads it, with no step in the register."""
    with history.database.owner as owner, owner.cursor() as cursor:
        cursor.execute("alter table privacy.step disable trigger user")
        cursor.execute("delete from privacy.step")
        cursor.execute("alter table privacy.step enable trigger user")
    history.enrol("alpha:w1", "beta:w2")
    history.report()
    return history.database.app


def take(app: Connection, name: str, on: str = "2024-03-05", reference: str = "2024-017", **data: Any) -> Kept:
    with app:
        return register.add(app, reference, Step(name, dt.date.fromisoformat(on), data), DPO, DAY)


def refused(app: Connection, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
    with pytest.raises(StepRefused) as raised:
        take(app, *args, **kwargs)
    return [(each.field, each.rule) for each in raised.value.problems]


def erase(history: History, *numbers: int, **more: Any) -> list[str]:
    events = [history.fact("person.erased", person=person(number), **more) for number in numbers]
    history.report()
    return events


def test_a_step_is_there_for_whoever_reads_next(history: History, app: Connection) -> None:
    take(app, "received", right="access")
    take(app, "identified", persons=[person(1)])
    with closing(database.connect(history.app_url, "another")) as another:
        kept = register.request_of(another, "2024-017")
    assert kept is not None
    assert [(taken.number, taken.step.name, taken.actor) for taken in kept.steps] == [
        (1, "received", DPO), (2, "identified", DPO),
    ]  # fmt: skip
    assert (kept.request.state, kept.request.persons) == ("open", (person(1),))


def test_whom_the_ledger_does_not_know_cannot_be_the_one_who_asks(app: Connection) -> None:
    take(app, "received", right="access")
    assert refused(app, "identified", persons=[person(1), person(99)]) == [("persons", "unknown_person")]
    assert refused(app, "identified", persons=["Jeanne Martin"]) == [("persons", "bad_id")]


def test_an_erasure_is_done_once_the_ledger_says_so_and_the_step_names_its_events(
    history: History, app: Connection
) -> None:
    take(app, "received", right="erasure")
    take(app, "identified", persons=[person(1), person(2)])
    assert refused(app, "done", ground="objection") == [("persons", "not_erased")]
    (first,) = erase(history, 1)
    assert refused(app, "done", ground="objection") == [("persons", "not_erased")]
    (second,) = erase(history, 2)
    kept = take(app, "done", ground="objection")
    assert (kept.request.state, kept.request.events) == ("done", (first, second))


def test_a_rectification_is_done_by_an_event_that_the_ledger_holds(history: History, app: Connection) -> None:
    take(app, "received", right="rectification")
    take(app, "identified", persons=[person(1)])
    unknown = "00000000-0000-4000-8000-000000000001"
    assert refused(app, "done", events=[unknown]) == [("events", "unknown_event")]
    event = history.correct(history.fact("session.held", participation="alpha:w1"), duration_minutes=30)
    history.report()
    assert take(app, "done", events=[event]).request.events == (event,)


def test_a_reference_with_a_national_number_or_of_no_form_is_refused(app: Connection) -> None:
    for reference, rule in (
        ("85.07.30-033.28", "national_number"),
        ("Jeanne Martin", "bad_reference"),
        ("", "bad_reference"),
    ):
        assert refused(app, "received", right="access", reference=reference) == [("reference", rule)]


def test_only_an_officer_takes_a_step(app: Connection) -> None:
    step = Step("received", dt.date(2024, 3, 5), {"right": "access"})
    for actor in ("authority.spp", "dpo.", "jan"):
        with pytest.raises(StepRefused, match="not_an_officer"):
            register.add(app, "2024-017", step, actor, DAY)


def test_of_two_who_take_the_same_step_the_second_is_told(history: History, app: Connection) -> None:
    take(app, "received", right="access")
    with closing(database.connect(history.app_url, "another")) as another:
        first = register.request_of(another, "2024-017")
        assert first is not None
        with app.cursor() as cursor, app:
            cursor.execute("select privacy.add_step('2024-017', 2, 'withdrawn', '2024-03-06', '{}', 'dpo.spp')")
        with pytest.raises(psycopg2.errors.UniqueViolation), another, another.cursor() as cursor:
            cursor.execute("select privacy.add_step('2024-017', 2, 'withdrawn', '2024-03-06', '{}', 'dpo.spp')")
        with pytest.raises(psycopg2.errors.CheckViolation), another, another.cursor() as cursor:
            cursor.execute("select privacy.add_step('2024-017', 4, 'withdrawn', '2024-03-06', '{}', 'dpo.spp')")


@pytest.mark.parametrize(
    "statement", ["update privacy.step set actor = 'dpo.other'", "delete from privacy.step", "truncate privacy.step"]
)
def test_not_even_the_owner_changes_the_register(history: History, app: Connection, statement: str) -> None:
    take(app, "received", right="access")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), app, app.cursor() as cursor:
        cursor.execute(statement)
    owner = history.database.owner
    with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
        cursor.execute(statement)


def test_requests_that_wait_come_first_by_their_deadlines(app: Connection) -> None:
    for reference, on in (("a", "2024-03-08"), ("b", "2024-03-05"), ("c", "2024-02-01"), ("d", "2024-02-20")):
        take(app, "received", on, reference, right="access")
    take(app, "extended", "2024-03-06", "b", reason="complexity")
    take(app, "withdrawn", "2024-03-06", "c")
    take(app, "withdrawn", "2024-03-06", "d")
    assert [each.reference for each in register.requests(app)] == ["a", "b", "d", "c"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments])


def test_the_commands_keep_a_request_from_its_receipt_to_its_answer(
    history: History, app: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    monkeypatch.setenv("MIRIAM_ACTOR", DPO)
    added = run("add", "2024-018", "--right", "erasure", "--received-on", "2024-03-05", "--json")
    assert json.loads(added.stdout)["deadline"] == "2024-04-05"
    told = run("step", "2024-018", "identified", "--participation", "alpha:w1", "--on", "2024-03-06", "--json")
    assert json.loads(told.stdout)["persons"] == [person(1)]
    early = run("step", "2024-018", "done", "--ground", "objection", "--lang", "fr")
    assert early.exit_code == 1
    assert person(1) in early.output
    assert "ne dit pas qu'elle est effacée" in early.output
    events = erase(history, 1)
    done = run("step", "2024-018", "done", "--ground", "objection", "--on", "2024-04-08", "--json")
    assert json.loads(done.stdout)["events"] == events
    assert json.loads(run("list", "--json").stdout)[0]["days_late"] == 3
    assert json.loads(run("list", "--open", "--json").stdout) == []
    shown = run("show", "2024-018", "--lang", "nl").output
    assert "AVG, art. 17(1)(c)" in shown
    assert "3 dagen te laat" in shown
    assert run("show", "none").exit_code == 2
    monkeypatch.setenv("MIRIAM_ACTOR", "authority.spp")
    assert run("add", "2024-019", "--right", "access", "--received-on", "2024-03-05").exit_code == 1
