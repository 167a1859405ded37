"""The one way to empty a leaf: its guards, its proofs, and what is answered of a retired edition."""

from __future__ import annotations

import psycopg2
import pytest
from click.testing import CliRunner
from psycopg2.extensions import connection as Connection
from reporting_database import ReportingDatabase
from retirement import emptied, retire, small

from miriam_cli.exits import Exit
from miriam_contracts.canonical import leaf_hash
from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.audit.sweep import sweep
from miriam_reporting.audit.views import VIEWS, Question
from miriam_reporting.commands.report import report
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger import tree
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports import UnknownEdition, compute, explain
from miriam_reporting.reports.current import report as quick_report
from miriam_reporting.reports.errors import RetiredEdition
from miriam_reporting.retiring import retire_step
from miriam_transparency import merkle


def run_to_the_end(connection: Connection) -> int:
    steps = 0
    while retire_step(connection, 1).more:
        steps += 1
    return steps


def test_with_every_guard_in_place_the_leaves_of_the_edition_are_emptied(app: Connection) -> None:
    assert run_to_the_end(app) == 2  # two facts of three leaves
    with app, app.cursor() as cursor:
        cursor.execute("select position, type from ledger.leaf where body is null and data is null order by 1")
        assert [position for position, _ in cursor.fetchall()] == [6, 7, 8]
        cursor.execute("select count(*) from ledger.leaf where body is null or data is null")
        assert cursor.fetchone() == (3,)
    assert retire_step(app).facts == 0


def test_every_proof_still_verifies(app: Connection, guarded: tuple[DatabaseAccess, list[bytes]]) -> None:
    leaves, size = guarded[1], len(guarded[1])
    with app:
        before = tree.root_at(app, size), [tree.inclusion(app, n, size) for n in range(1, size + 1)]
    run_to_the_end(app)
    with app:
        root = tree.root_at(app, size)
        proofs = [tree.inclusion(app, n, size) for n in range(1, size + 1)]
        old = tree.consistency(app, 5, size)
    assert (root, proofs) == before
    assert root == merkle.root(map(leaf_hash, leaves))
    for number, (body, proof) in enumerate(zip(leaves, proofs, strict=True)):
        merkle.verify_inclusion(leaf_hash(body), number, size, proof, root)
    merkle.verify_consistency(5, merkle.root(map(leaf_hash, leaves[:5])), size, root, old)


def test_the_sweep_finds_nothing_wrong_with_emptied_leaves(app: Connection) -> None:
    run_to_the_end(app)
    app.autocommit = True
    found = sweep(app, ())
    assert (found.retired, found.findings.kept) == (3, [])


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.leaf set body = null, data = null where position = 6",
        "update ledger.leaf set body = null, data = null, hash = sha256('x') where position = 6",
        "delete from ledger.leaf where position = 6",
        "update ledger.retirement set leaves = 1",
        "delete from ledger.retirement",
        "truncate ledger.retirement",
    ],
)
def test_nobody_empties_a_leaf_by_hand_not_even_the_owner(app: Connection, owner: Connection, statement: str) -> None:
    retire_step(app, 1)  # so that there is a retirement to change
    with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
        cursor.execute(statement.replace("position = 6", "position = 9"))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), app, app.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("positions", [[9], [6, 9], [1], [4], [12]])
def test_only_leaves_of_a_retired_edition_can_be_emptied(app: Connection, positions: list[int]) -> None:
    with pytest.raises(psycopg2.errors.RestrictViolation, match="of no retired edition"), app, app.cursor() as cursor:
        cursor.execute("select ledger.retire('2023', %s::bigint[])", (positions,))
    assert retire_step(app).leaves == 3


def test_an_edition_that_is_not_retired_cannot_be_emptied(app: Connection) -> None:
    with pytest.raises(psycopg2.errors.RestrictViolation, match="2024 is not retired"), app, app.cursor() as cursor:
        cursor.execute("select ledger.retire('2024', array[9]::bigint[])")


def test_what_is_asked_of_a_retired_edition_is_answered_with_the_day(
    reporting: ReportingDatabase, access: DatabaseAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = small().bodies
    reporting.load(bodies)
    assert quick_report(reporting.app, "2023").as_report().figures
    leaves = retire(reporting, bodies, "2023")
    for asked in (
        lambda: compute(reporting.app, "2023"),
        lambda: compute(reporting.app, "2023", len(bodies)),
        lambda: quick_report(reporting.app, "2023"),
        lambda: explain(reporting.app, "2023", "I01"),
        *((lambda view=view: view.answer(reporting.app, Question("2023", seed="7"))) for view in VIEWS.values()),
    ):
        with pytest.raises(RetiredEdition, match="edition 2023 was retired on 2031-01-01") as raised:
            asked()
        assert raised.value.code == "retired_edition"
    with pytest.raises(UnknownEdition):
        compute(reporting.app, "2025")
    assert compute(reporting.app, "2024").position == len(leaves)
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", access.app_url)
    told = CliRunner().invoke(report, ["2023"])
    assert (told.exit_code, "published reports stay" in told.output) == (Exit.USAGE, True)


def test_its_published_reports_are_named(reporting: ReportingDatabase) -> None:
    retire(reporting, small().bodies, "2023")
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("insert into report.publication values (gen_random_uuid(), '2023-final', '2023', 8, '{}')")
    with pytest.raises(RetiredEdition, match=r"2023-final \(position 8\)") as raised:
        compute(reporting.app, "2023")
    assert raised.value.allowed == ("2023-final",)


def test_what_arrives_late_goes_too(reporting: ReportingDatabase) -> None:
    ledger = small()
    first = ledger.facts
    held = next(fact for fact in first.values() if fact.kind == "session.held")
    leaves = retire(reporting, ledger.bodies, "2023")
    ledger.bodies[:] = leaves
    ledger.sequences["intake"] += 1
    ledger.record("session.held", participation="alpha:w1", project="spp:p1", occurred_on="2023-11-02")
    ledger.correct(held.first_id, duration_minutes=30)
    ledger.retract(held.first_id)
    with reporting.owner:
        load_leaves(reporting.owner, ledger.bodies[len(leaves) :])
    with reporting.app:
        project(reporting.app)
    while retire_step(reporting.app).more:
        pass
    assert emptied(reporting) >= {len(leaves) + 1, len(leaves) + 2, len(leaves) + 3}


def test_a_step_that_was_killed_leaves_all_or_nothing_of_it(
    app: Connection, guarded: tuple[DatabaseAccess, list[bytes]]
) -> None:
    other = database.connect(guarded[0].app_url, "test")
    with other.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
        cursor.execute("select ledger.retire('2023', array[6,7,8]::bigint[])")
        assert cursor.fetchone() == (3,)
    with app, app.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", (pid,))
        cursor.execute("select count(*) from ledger.leaf where body is null")
        assert cursor.fetchone() == (0,)
        cursor.execute("select count(*) from ledger.retirement")
        assert cursor.fetchone() == (0,)
    assert run_to_the_end(app) == 2


def test_the_retirement_says_which_leaves_and_because_of_which(app: Connection) -> None:
    run_to_the_end(app)
    with app, app.cursor() as cursor:
        cursor.execute("select edition, because_of, leaves, positions::text from ledger.retirement order by id")
        told = cursor.fetchall()
    # The enrolment, then the session with its correction.
    assert told == [("2023", 12, 1, "{[6,7)}"), ("2023", 12, 2, "{[7,9)}")]


def test_the_body_in_an_alarm_gives_way_to_its_hash_where_it_is_of_the_edition(
    app: Connection, owner: Connection
) -> None:
    """An alarm keeps what raised it, and would keep an event of the edition for ever."""
    with app, app.cursor() as cursor:
        cursor.execute("select source, sequence, body from ledger.leaf where position = 6")
        source, sequence, body = cursor.fetchone() or ("", 0, "")
        project_named = body.replace("2023-10", "2023-11")
        for number, told in ((sequence, "{}"), (10_000, project_named), (10_001, '{"of": "another"}')):
            cursor.execute("select ledger.raise_alarm('differs', %s, %s, %s, 'test')", (source, number, told.encode()))
    kept = "select sequence, octet_length(body), body = sha256(%s) from ledger.alarm order by id"
    with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
        cursor.execute("update ledger.alarm set body = sha256(body) where sequence = 10001")
    run_to_the_end(app)
    with app, app.cursor() as cursor:
        cursor.execute(kept, (project_named.encode(),))
        assert cursor.fetchall() == [(sequence, 32, False), (10_000, 32, True), (10_001, 17, False)]
    with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
        cursor.execute("update ledger.alarm set body = sha256(body) where sequence = 10001")
    for statement in ("delete from ledger.alarm", "update ledger.alarm set detail = ''"):
        with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
            cursor.execute(statement)
