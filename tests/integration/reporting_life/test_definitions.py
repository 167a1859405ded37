"""Definitions of another day: kept as texts under digests, and run again exactly as they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from miriam_reporting.indicators.definitions import in_order, parse
from miriam_reporting.indicators.standing import Standing
from miriam_reporting.reports import compute, explain
from miriam_reporting.reports.current import report as quick
from miriam_reporting.reports.definitions import BadArchive, Definitions, current, digest_of, read
from miriam_reporting.reports.life import archive, published, steps
from miriam_reporting.reports.life.errors import Untrue
from miriam_reporting.reports.life.signing import asked

Programme = Any


def changed(code: str = "", change: Callable[[str], str] = str, standing: str = "") -> Definitions:
    """This code's definitions with one indicator's text, or one standing fact's, changed."""
    now = current()
    indicators = [
        parse(each.file, change(each.text) if each.code == code else each.text, each.lists)
        for each in now.indicators.values()
    ]
    facts = [
        Standing(each.file, each.name, change(each.statement), each.needs) if each.name == standing else each
        for each in now.standing
    ]
    return replace(now, name="other", indicators=in_order(indicators), standing=facts)


def kept(programme: Programme, definitions: Definitions) -> Definitions:
    with programme.app:
        archive.keep_definitions(programme.app, definitions)
    found = archive.definitions(programme.app, definitions.name, definitions.digest)
    programme.app.rollback()
    return found


def test_what_is_read_from_the_archive_is_what_was_kept(programme: Programme) -> None:
    found = kept(programme, current())
    assert found.listing == current().listing
    assert found.indicators == current().indicators
    assert [each.statement for each in found.standing] == [each.statement for each in current().standing]
    by_archive = compute(programme.app, "2023", None, ("total", "cpas"), definitions=found)
    assert by_archive.figures == compute(programme.app, "2023", None, ("total", "cpas")).figures


def test_older_texts_are_run_as_they_were_whatever_the_code_has_become(programme: Programme) -> None:
    older = changed("D03", lambda text: text.replace("> e.late_after_days", ">= -1"))
    found = kept(programme, older)
    then = compute(programme.app, "2023", None, codes=["D03"], definitions=found).figures
    now = compute(programme.app, "2023", None, codes=["D03"]).figures
    assert then[0].numerator == now[0].denominator
    assert now[0].numerator == 0
    evidence = explain(programme.app, "2023", "D03", definitions=found).evidence
    assert {row.counted for row in evidence} == {"numerator"}


def test_a_report_that_older_code_published_comes_out_again_by_its_own_definitions(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = changed("D03", lambda text: text.replace("> e.late_after_days", ">= -1"))
    monkeypatch.setattr(steps, "current", lambda: older)
    done = programme.published()
    monkeypatch.undo()
    (replayed,) = published.replay(programme.app)
    assert replayed.differs == ()
    kept_definitions = published.published_definitions(programme.app, "2023")
    assert kept_definitions.digest == older.digest
    for as_of in (done.data["position"], None):
        for made in (quick, compute):
            then = made(programme.app, "2023", as_of, ("total", "cpas"), None, kept_definitions).as_json()
            now = made(programme.app, "2023", as_of, ("total", "cpas")).as_json()
            assert (then["definitions"], now["definitions"]) == ("2023-r1", "current")
            differ = {a["code"] for a, b in zip(then["figures"], now["figures"], strict=True) if a != b}
            assert differ == {"D03"}


def test_a_changed_standing_fact_is_another_definition_of_what_rests_on_it_and_of_nothing_else() -> None:
    other = changed(standing="payment_at", change=lambda text: f"{text}\n-- another")
    now = current()
    differ = {code for code in now.indicators if other.digest_of(code) != now.digest_of(code)}
    assert differ == {"I13"}
    assert other.digest != now.digest


def test_a_changed_letter_of_an_aggregate_or_code_list_is_another_definition() -> None:
    now = current()
    aggregates = {**now.aggregates, "medians.sql": now.aggregates["medians.sql"] + "-- another\n"}
    other = replace(now, aggregates=aggregates)
    differ = {code for code in now.indicators if other.digest_of(code) != now.digest_of(code)}
    assert {"I08", "I14"} <= differ
    assert "I01" not in differ
    i07 = now.indicators["I07"]
    longer = {**i07.lists, "LIFE_DOMAINS": (*i07.lists["LIFE_DOMAINS"], "leisure_time")}
    relisted = replace(now, indicators={**now.indicators, "I07": parse(i07.file, i07.text, longer)})
    assert relisted.digest_of("I07") != now.digest_of("I07")
    # And the figures of another day keep the list of that day.
    again = read("again", [relisted.digest_of("I07")], {key: text for key, (_, text) in relisted.archive().items()})
    assert again.indicators["I07"].lists == longer


def test_a_text_that_is_missing_or_another_is_not_run() -> None:
    now = current()
    texts = {digest: text for digest, (_, text) in now.archive().items()}
    digests = [now.digest_of(code) for code in now.indicators]
    assert read("same", digests, texts).digest == now.digest
    own = digest_of(now.indicators["I01"].text)
    for broken in (
        {key: text for key, text in texts.items() if key != own},
        {**texts, own: texts[own].replace("numerator", "excluded")},
        {key: text for key, text in texts.items() if key != digests[0]},
    ):
        with pytest.raises(BadArchive):
            read("broken", digests, broken)


def test_a_kept_text_that_was_tampered_with_is_named_and_not_run(programme: Programme) -> None:
    programme.published()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table report.definition disable trigger user")
        cursor.execute("update report.definition set text = text || ' ' where name = 'i01_women_supported.sql'")
        assert cursor.rowcount == 1
    with pytest.raises(Untrue, match="i01_women_supported"):
        published.published_definitions(programme.app, "2023")
    (found,) = published.replay(programme.app)
    assert "i01_women_supported" in found.differs[0]


def test_figures_that_were_tampered_with_are_not_shown_as_published(programme: Programme) -> None:
    done = programme.published()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table report.publication disable trigger user")
        cursor.execute("update report.publication set figures = replace(figures, '\"numerator\":2', '\"numerator\":3')")
    with pytest.raises(Untrue):
        archive.published_figures(programme.app, done.event_id, done.data)


def test_figures_that_were_tampered_with_are_not_given_to_be_signed(programme: Programme) -> None:
    programme.draft()
    assert asked(programme.app, "2023-r1", "alpha").figures
    programme.app.rollback()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table report.own disable trigger user")
        cursor.execute("update report.own set figures = replace(figures, '\"numerator\":2', '\"numerator\":3')")
    with pytest.raises(Untrue, match="not what was drafted"):
        asked(programme.app, "2023-r1", "alpha")


def test_a_draft_in_which_the_figures_of_a_cpas_are_the_same_keeps_them_once(programme: Programme) -> None:
    programme.draft()
    programme.support("beta:w9")
    programme.load()
    programme.draft()
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select cpas, count(*) from report.own group by cpas order by cpas")
        assert cursor.fetchall() == [("alpha", 1), ("beta", 2)]


def test_a_publication_that_was_tampered_with_in_the_ledger_is_not_believed(programme: Programme) -> None:
    programme.published()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table ledger.leaf disable trigger user")
        cursor.execute(
            "update ledger.leaf set body = replace(body, '\"position\":', '\"position\": ')"
            " where type = 'miriam.report.published.v1'"
        )
    with pytest.raises(Untrue, match="audit verify"):
        list(published.replay(programme.app))


def test_a_text_is_kept_under_its_own_digest_alone(programme: Programme) -> None:
    with pytest.raises(Exception, match="not what its digest says"), programme.app, programme.app.cursor() as cursor:
        cursor.execute("select report.keep_definitions(array[%s], array['x'], array['y'])", ("0" * 64,))
