"""A test CPAS is wiped from the ledger by what its services say, alone; no figure and no proof is another for it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import psycopg2
import pytest
from histories import seeded
from mixing import TESTER, mixed, statement, told_by_a_test, wiped
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import leaf_hash
from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_platform import database
from miriam_reporting.audit.sweep import sweep
from miriam_reporting.facts.projection import project
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger import tree
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting
from miriam_reporting.reports import LEVELS, compute
from miriam_reporting.retiring.wiping import Wiper
from miriam_transparency import merkle

EDITIONS = ("2023", "2024")
REAL = seeded(4, 300)


class Ledger:
    """A database with every guard in place, and a history with a test CPAS in it."""

    def __init__(self, access: DatabaseAccess, bodies: list[bytes]) -> None:
        self.access, self.bodies = access, bodies
        self.owner = database.connect(access.owner_url, "test")
        self.app = database.connect(access.app_url, "test")
        with self.owner:
            load_leaves(self.owner, bodies)
        with self.app:
            while project(self.app):
                pass

    def ask(self, query: str, *values: object, owner: bool = False) -> list[tuple[object, ...]]:
        connection: Connection = self.owner if owner else self.app
        with connection, connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def wipe(self) -> int:
        steps, wiper = 0, Wiper()
        while wiper.step(self.app):
            steps += 1
        return steps

    def figures(self) -> list[object]:
        return [figure.as_json() for edition in EDITIONS for figure in compute(self.app, edition, None, LEVELS).figures]

    def emptied(self) -> list[int]:
        return [int(str(p)) for (p,) in self.ask("select position from ledger.leaf where body is null order by 1")]

    def tests(self, upto: int) -> int:
        ((count,),) = self.ask("select ledger.leaves_of_tests(%s)", upto)
        return int(str(count))


@pytest.fixture
def access(postgres: PrivatePostgres) -> Iterator[DatabaseAccess]:
    found = postgres.new_database("miriam_reporting_wiped")
    migrate_reporting(found.owner_url, found.app_role)
    yield found
    postgres.admin.drop_database(found.name)


@pytest.fixture
def ledger(access: DatabaseAccess) -> Iterator[Ledger]:
    """Three services say that they wiped it; nothing was carried out yet."""
    bodies, _ = mixed(REAL, told_by_a_test(), random.Random(1))
    found = Ledger(access, wiped(bodies))
    yield found
    found.app.close()
    found.owner.close()


def positions(bodies: list[bytes], origin: str = f"/cpas/{TESTER}") -> list[int]:
    return [at for at, body in enumerate(bodies, 1) if json.loads(body)["origin"] == origin]


def test_all_leaves_of_the_test_cpas_are_emptied_and_no_other(ledger: Ledger) -> None:
    before = ledger.figures()
    expected = positions(ledger.bodies)
    told = [ledger.tests(upto) for upto in range(0, len(ledger.bodies) + 1, 7)]
    assert ledger.wipe() == 3
    assert ledger.emptied() == expected
    assert ledger.figures() == before
    assert [ledger.tests(upto) for upto in range(0, len(ledger.bodies) + 1, 7)] == told
    assert told[-1] > 0
    assert ledger.wipe() == 0, "each is carried out once"


def test_every_proof_still_verifies(ledger: Ledger) -> None:
    size = len(ledger.bodies)
    ledger.wipe()
    with ledger.app:
        root = tree.root_at(ledger.app, size)
        proofs = [tree.inclusion(ledger.app, at, size) for at in range(1, size + 1)]
    assert root == merkle.root(map(leaf_hash, ledger.bodies))
    for number, (body, proof) in enumerate(zip(ledger.bodies, proofs, strict=True)):
        merkle.verify_inclusion(leaf_hash(body), number, size, proof, root)


def test_the_sweep_finds_nothing_wrong_with_it(ledger: Ledger) -> None:
    ledger.wipe()
    ledger.app.autocommit = True
    found = sweep(ledger.app, ())
    assert (found.retired, found.findings.kept) == (len(positions(ledger.bodies)), [])


def test_the_sweep_names_an_emptied_leaf_that_no_statement_covers(ledger: Ledger) -> None:
    ledger.wipe()
    real = positions(ledger.bodies, "/cpas/alpha")[0]
    ledger.ask("alter table ledger.leaf disable trigger user", owner=True)
    ledger.ask("update ledger.leaf set body = null, data = null where position = %s", real, owner=True)
    ledger.ask("alter table ledger.leaf enable trigger user", owner=True)
    ledger.app.autocommit = True
    assert [each.position for each in sweep(ledger.app, ()).findings.kept] == [real]


def test_facts_filled_anew_are_the_same(ledger: Ledger) -> None:
    before = ledger.figures()
    ledger.wipe()
    assert rebuild(ledger.access.owner_url, ledger.access.app_role).differences == []
    assert ledger.figures() == before


@pytest.mark.parametrize("emitter", ["alpha", TESTER])
def test_a_statement_about_what_another_sent_empties_nothing(access: DatabaseAccess, emitter: str) -> None:
    """As a service could say it that was taken over: of a CPAS, or of a test CPAS with a real number among its own."""
    bodies, _ = mixed(REAL, told_by_a_test(), random.Random(2))
    lie = statement(bodies, "sessions", "alpha")
    if emitter == TESTER:
        lie = lie.replace(b'"emitter":"alpha"', b'"emitter":"test-acme"')
    ledger = Ledger(access, wiped([*bodies, lie]))
    try:
        with pytest.raises(psycopg2.errors.RestrictViolation):
            ledger.ask("select ledger.carry_out_wipe(%s)", len(bodies) + 1)
        # It stands in nobody's way, least of all of figures and of honest statements.
        assert ledger.wipe() == 4
        assert ledger.emptied() == positions(bodies)
    finally:
        ledger.app.close()
        ledger.owner.close()


def test_what_is_no_statement_empties_nothing(ledger: Ledger) -> None:
    for position in (1, positions(ledger.bodies)[0], len(ledger.bodies) + 1):
        with pytest.raises(psycopg2.errors.RestrictViolation, match="tells of no wipe"):
            ledger.ask("select ledger.carry_out_wipe(%s)", position)
    assert ledger.emptied() == []


def test_nobody_empties_a_leaf_by_hand_not_even_the_owner(ledger: Ledger) -> None:
    real, test = positions(ledger.bodies, "/cpas/alpha")[0], positions(ledger.bodies)[0]
    empty = "update ledger.leaf set body = null, data = null where position = "
    note = "insert into ledger.wipe (because_of, emitter, positions) values (9999, 'test-acme', '{[%d,%d]}'); "
    for statement_ in (
        f"{empty}{real}",
        f"{empty}{test}",
        note % (real, real) + f"{empty}{real}",
        "update ledger.wipe set because_of = because_of + 1",
        "delete from ledger.wipe",
        "truncate ledger.wipe",
    ):
        ledger.wipe() if "ledger.wipe set" in statement_ else None
        with pytest.raises(psycopg2.errors.RestrictViolation):
            ledger.ask(statement_, owner=True)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ledger.ask(statement_)
    with pytest.raises(psycopg2.errors.CheckViolation):
        ledger.ask("insert into ledger.wipe (because_of, emitter, positions) values (9, 'alpha', '{}')", owner=True)
