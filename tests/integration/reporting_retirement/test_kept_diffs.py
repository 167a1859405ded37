"""Diffs that are kept name single women and events: no retirement leaves one behind, nor one kept while it goes on."""

from __future__ import annotations

import threading
from contextlib import closing

import orjson
import pytest
from psycopg2.extensions import connection as Connection
from reporting_database import ReportingDatabase
from retirement import retired_leaf, small

from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports.diff.asked import asked_diff
from miriam_reporting.reports.diff.kept import ANSWERS
from miriam_reporting.reports.errors import RetiredEdition
from miriam_reporting.reports.kept import generation
from miriam_reporting.retiring import retire_step

_RETIRED_HER = "alpha:w1"


def answers(connection: Connection) -> list[str]:
    with connection, connection.cursor() as cursor:
        cursor.execute("select answer from kept.diff")
        return [str(answer) for (answer,) in cursor.fetchall()]


def keep(connection: Connection, facts: str, answer: str = "{}") -> bool:
    """Keep an answer as if it had just been computed from the facts of that generation; not committed."""
    with connection.cursor() as cursor:
        asked = ("2024", "a question", "this code", facts, answer, ANSWERS)
        cursor.execute("select kept.keep_diff(%s, %s, %s, %s, %s, %s)", asked)
        return bool((cursor.fetchone() or (False,))[0])


def test_each_step_of_a_retirement_deletes_all_that_was_kept(
    app: Connection, guarded: tuple[DatabaseAccess, list[bytes]]
) -> None:
    for edition in ("2023", "2024"):
        with app:
            assert keep(app, generation(app), edition)
        assert answers(app)
        assert retire_step(app, 1).leaves > 0
        assert answers(app) == []


def test_what_was_computed_before_a_step_is_not_kept_after_it(app: Connection) -> None:
    facts = generation(app)
    retire_step(app, 1)
    with app:
        assert not keep(app, facts)
    assert answers(app) == []


def test_who_keeps_an_answer_while_leaves_are_emptied_waits_and_keeps_nothing(
    app: Connection, guarded: tuple[DatabaseAccess, list[bytes]]
) -> None:
    """Else it would come between the deletion of what is kept and the commit that destroys what it was made of."""
    facts = generation(app)
    kept: list[bool] = []

    def keeping() -> None:
        with closing(database.connect(guarded[0].app_url, "test")) as other, other:
            kept.append(keep(other, facts))

    with closing(database.connect(guarded[0].app_url, "test")) as retiring:
        with retiring, retiring.cursor() as cursor:
            cursor.execute("select ledger.retire('2023', array[6,7,8]::bigint[]), kept.forget_diffs()")
            thread = threading.Thread(target=keeping)
            thread.start()
            thread.join(0.5)
            assert kept == [], "it did not wait"
        thread.join(30)
    assert kept == [False]
    assert answers(app) == []


def test_a_kept_answer_of_a_retired_edition_is_refused_from_the_first_moment(reporting: ReportingDatabase) -> None:
    """Before the first of its leaves is emptied."""
    bodies = small().bodies
    reporting.load(bodies)
    told = asked_diff(reporting.app, "2023", "5", "8", most=200, may_be_kept=True).as_json()
    assert _RETIRED_HER in str(told)
    assert _RETIRED_HER in "".join(answers(reporting.app))
    assert orjson.loads(answers(reporting.app)[0])["figures"] == told["figures"]
    with reporting.owner:
        load_leaves(reporting.owner, [retired_leaf(bodies, "2023", ["spp:p1"])])
    with reporting.app:
        project(reporting.app)
    with pytest.raises(RetiredEdition):
        asked_diff(reporting.app, "2023", "5", "8", most=200, may_be_kept=True)
    while retire_step(reporting.app).more:
        pass
    assert answers(reporting.app) == []


def test_commands_and_http_are_answered_by_computing_whatever_is_kept(reporting: ReportingDatabase) -> None:
    """What an auditor asks is not answered from a cache."""
    reporting.load(small().bodies)
    told = asked_diff(reporting.app, "2023", "5", "8", most=200, may_be_kept=True).as_json()
    assert told["figures"]
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("update kept.diff set answer = jsonb_set(answer::jsonb, '{figures}', '[]')::text")
    assert asked_diff(reporting.app, "2023", "5", "8", most=200, may_be_kept=True).as_json()["figures"] == []
    assert asked_diff(reporting.app, "2023", "5", "8", most=200).as_json() == told
