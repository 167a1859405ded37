"""Two who take a step of one report at the same moment: one is first, the other decides again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from miriam_emitter.signing import keys as signing
from miriam_platform import database
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.life.domain import life
from miriam_reporting.reports.life.errors import NotCosigned, Refused
from miriam_reporting.reports.life.events import read_all, read_report

Programme = Any


def at_once(programme: Programme, works: list[Callable[[Any], Any]]) -> list[Any]:
    """Each work on a connection of its own, all at the same moment; what it answered or raised."""

    def one(work: Callable[[Any], Any]) -> Any:
        connection = database.connect(programme.access.app_url, "at-once")
        try:
            return work(connection)
        except Refused as refused:
            return [each.code for each in refused.problems]
        except NotCosigned as wanting:
            return [wanting.code]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def names(programme: Programme) -> list[str]:
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select type, sequence from ledger.leaf where source = 'reporting' order by position")
        rows = cursor.fetchall()
        cursor.execute("select count(*), max(sequence) from event_store.event")
        assert cursor.fetchall() == [(len(rows), len(rows))]
    assert [sequence for _, sequence in rows] == list(range(1, len(rows) + 1))
    return [kind.split(".")[2] for kind, _ in rows]


def test_four_first_drafts_at_once_are_one_report(programme: Programme) -> None:
    found = at_once(programme, [lambda c: steps.draft(c, "2023", "authority.spp")] * 4)
    assert [*read_all(programme.app)] == ["2023-r1"]
    programme.app.rollback()
    # The others come to the very same draft, which is not recorded twice.
    assert [each for each in found if isinstance(each, list)] == [["draft_unchanged"]] * 3
    assert names(programme) == ["drafted"]


def test_of_two_publications_at_once_one_is_published(programme: Programme) -> None:
    programme.draft()
    for cpas in ("alpha", "beta"):
        programme.sign("2023-r1", cpas)
    programme.sign_head()
    found = at_once(programme, [lambda c: steps.publish(c, "2023-r1", "authority.spp", programme.trust)] * 3)
    refused = [each for each in found if isinstance(each, list)]
    assert len(refused) == 2
    assert all("report_is_published" in each for each in refused)
    assert names(programme) == ["drafted", "signed", "signed", "published"]
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select count(*) from report.publication")
        assert cursor.fetchall() == [(1,)]


def test_signatures_that_come_at_once_are_all_recorded(programme: Programme) -> None:
    programme.draft()
    with programme.app:
        draft = life(read_report(programme.app, "2023-r1").state).draft
    assert draft is not None
    signers = draft["signers"]

    def signing_of(asked: dict[str, str]) -> Callable[[Any], Any]:
        key = programme.keys[asked["cpas"]]
        signature = signing.sign(key, "2023", asked["cpas"], asked["digest"])
        return lambda c: steps.sign(c, "2023-r1", asked["cpas"], signing.public_half(key), signature)

    found = at_once(programme, [signing_of(each) for each in signers] * 2)
    assert sorted(each for each in found if isinstance(each, list)) == [["already_signed"]] * 2
    assert names(programme) == ["drafted", "signed", "signed"]


def test_a_draft_and_a_publication_at_once_never_publish_what_was_not_drafted_last(programme: Programme) -> None:
    programme.draft()
    programme.sign_head()
    programme.support("beta:w9")
    programme.load()
    found = at_once(
        programme,
        [
            lambda c: steps.publish(c, "2023-r1", "authority.spp", programme.trust, "no time"),
            lambda c: steps.draft(c, "2023", "authority.spp", report="2023-r1"),
        ],
    )
    told = names(programme)
    if told == ["drafted", "published"]:
        assert found[1] == ["report_is_published"]
    else:
        # Drafted anew in between: what the authority saw is gone, and the other is not published unseen.
        assert told == ["drafted", "drafted"]
        assert set(found[0]) <= {"publication_of_another_draft", "signatures_missing", "not_cosigned"}
