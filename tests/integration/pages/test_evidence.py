"""From each figure to its proof: rule, rows, events, courses; a CPAS sees of single women what is its own, no more."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pages_scenario import EDITION, Pages

import miriam_verify
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports import compute, explain
from miriam_reporting.reports.life.published import publications
from miriam_reporting.web.parts.evidence import course, figure, rules

FACTS = (
    "participation", "participation_event", "session", "assessment", "goal", "goal_event", "attendance", "membership",
    "referral", "referral_close", "exit", "follow_up",
)  # fmt: skip
LEAF = "select event_id::text from ledger.leaf where "


def one(pages: Pages, query: str, **values: object) -> str:
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    assert row is not None, query
    return str(row[0])


def table(told: Any, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(each for each in told["tables"] if each["code"] == code)["rows"]
    return found


def looks(pages: Pages) -> int:
    return int(one(pages, "select count(*) from access.look"))


# Figures


@pytest.mark.parametrize("code", list(indicators()))
def test_the_rule_of_each_figure_is_readable_without_a_look_at_any_woman(pages: Pages, code: str) -> None:
    before = looks(pages)
    for role in ("authority", "auditor"):
        page = pages.reader(role).get(f"/editions/{EDITION}/figures/{code}/rule")
        assert page.status_code == 200
        rule = indicators()[code].rule
        assert f"{rule[0].upper()}{rule[1:]}." in unescape(page.get_data(as_text=True))
    assert looks(pages) == before


def test_a_figure_over_time_is_what_was_published_and_then_what_is_known_now(pages: Pages) -> None:
    address = f"/editions/{EDITION}/figures/I08/over-time"
    rows = table(pages.reader("auditor").get(f"{address}?format=json").get_json(), "over_time")
    told = publications(pages.office.app, EDITION)
    pages.office.app.rollback()
    assert len(told) > 1, "nothing was restated: the test shows little"
    wanted = [
        next(
            each.value
            for each in compute(pages.office.app, EDITION, position, ("total",), ("I08",)).figures
            if not each.part
        )
        for position in (*(each.data["position"] for each in told), None)
    ]
    assert [row["value"] for row in rows] == wanted
    assert len(set(wanted)) > 1, "nothing changed between them: the test shows little"
    page = pages.reader("auditor").get(address).get_data(as_text=True)
    picture = re.search(r'<img src="([^"]+over-time.svg[^"]*)"', page)
    assert picture
    assert pages.reader("auditor").get(unescape(picture[1])).content_type == "image/svg+xml"


def test_a_cpas_sees_over_time_its_own_figure_alone(pages: Pages) -> None:
    reader, address = pages.reader("cpas"), f"/editions/{EDITION}/figures/I08/over-time"
    rows = table(reader.get(f"{address}?format=json").get_json(), "over_time")
    own = compute(pages.office.app, EDITION, None, ("cpas",), ("I08",)).figures
    assert rows[-1]["value"] == next(each.value for each in own if each.by["cpas"] == pages.cpas and not each.part)
    assert reader.get(f"{address}?region=brussels").status_code == 404
    assert reader.get(f"{address}.svg?region=brussels").status_code == 404


def test_each_rule_is_there_to_be_translated() -> None:
    assert set(rules.RULES) == {each.rule for each in indicators().values()}


@pytest.mark.parametrize("code", ["I01", "I08", "D01"])
def test_the_rows_of_a_figure_are_those_that_it_is_computed_from_page_after_page(
    pages: Pages, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure, "ROWS", 4)
    reader = pages.reader("auditor", purpose="checking a figure")
    whole = explain(pages.office.app, EDITION, code)
    assert len(whole.evidence) > 4
    shown: list[str] = []
    for number in range(1, 2 + len(whole.evidence) // 4):
        page = reader.get(f"/editions/{EDITION}/figures/{code}?page={number}").get_data(as_text=True)
        shown += re.findall(r'<a href="/events/([0-9a-f-]{36})">', page)
    assert shown == [row.event_id for row in whole.evidence]


def test_a_file_holds_every_row_and_the_figure_counts_them(pages: Pages) -> None:
    reader = pages.reader("auditor", purpose="checking a figure")
    for each in compute(pages.office.app, EDITION, codes=["I04", "I08", "I10"]).figures:
        part = f"&part={each.part}" if each.part else ""
        told = reader.get(f"/editions/{EDITION}/figures/{each.code}?format=json{part}").get_json()
        rows = table(told, "evidence")
        whole = explain(pages.office.app, EDITION, each.code, each.part)
        assert len(rows) == len(whole.evidence)
        left_out = {row["reason"]: row["count"] for row in table(told, "excluded")}
        assert sum(left_out.values()) == sum(count for _, count in each.excluded or ())


def test_a_cpas_is_shown_its_own_figure_and_no_other(pages: Pages) -> None:
    reader = pages.reader("cpas", purpose="our own")
    told = reader.get(f"/editions/{EDITION}/figures/I01?format=json").get_json()
    own = explain(pages.office.app, EDITION, "I01", None, "cpas", pages.cpas)
    assert len(table(told, "evidence")) == len(own.evidence)
    other = one(pages, "select cpas from facts.participation where cpas <> %(cpas)s limit 1", cpas=pages.cpas)
    for address in (f"?cpas={other}", "?region=brussels", "?cpas=", f"/rule?cpas={other}"):
        page = reader.get(f"/editions/{EDITION}/figures/I01{address}")
        if address == "?cpas=":
            assert f"{pages.cpas} · Edition" in page.get_data(as_text=True)
        else:
            assert page.status_code == 404, address


def test_of_a_project_that_several_carry_a_cpas_is_shown_its_own_rows_and_events(pages: Pages) -> None:
    """Every project of the history is tried: those that this CPAS does not carry are not there for it."""
    reader = pages.reader("cpas", purpose="our own")
    with pages.office.app, pages.office.app.cursor() as cursor:
        cursor.execute("select distinct project from facts.project order by 1")
        projects = [project for (project,) in cursor]
    shared = 0
    for project in projects:
        for code in ("I01", "I08", "D01"):
            answer = reader.get(f"/editions/{EDITION}/figures/{code}?project={project}&format=json")
            if answer.status_code == 404:
                continue
            whole = explain(pages.office.app, EDITION, code, None, "project", project)
            rows = table(answer.get_json(), "evidence")
            assert len(rows) == sum(row.cpas == pages.cpas for row in whole.evidence)
            shared += len(whole.evidence) - len(rows)
            html = reader.get(f"/editions/{EDITION}/figures/{code}?project={project}").get_data(as_text=True)
            for event in re.findall(r'href="/events/([0-9a-f-]{36})"', html):
                assert reader.get(f"/events/{event}").status_code == 200
    # There are rows of others, so that leaving them out is tried.
    assert shared > 0


def test_what_does_not_exist_is_said_so(pages: Pages) -> None:
    reader = pages.reader("auditor", purpose="looking around")
    for address in (
        f"/editions/{EDITION}/figures/I99",
        f"/editions/{EDITION}/figures/I01?part=domain%3Dmoon",
        "/editions/1899/figures/I01",
        f"/editions/{EDITION}/figures/I01?cpas=a&region=b",
        "/events/nonsense",
        "/events/00000000-0000-0000-0000-000000000000",
        "/participations/nobody:p1",
    ):
        assert reader.get(address).status_code == 404, address


# Events


def test_an_event_is_told_in_the_words_of_the_reader(pages: Pages) -> None:
    event = one(pages, LEAF + "type = 'miriam.session.held.v1' order by position limit 1")
    said = {"en": "Individual session held", "fr": "Entretien individuel tenu", "nl": "Individueel gesprek gehouden"}
    for language, name in said.items():
        page = pages.reader("auditor", purpose="an event", language=language).get(f"/events/{event}")
        assert f"<h1>{name}</h1>" in page.get_data(as_text=True)


def test_an_event_shows_every_value_that_it_holds(pages: Pages) -> None:
    event = one(pages, LEAF + "type = 'miriam.assessment.completed.v1' order by position limit 1")
    data = json.loads(one(pages, "select body from ledger.leaf where event_id = %(event)s::uuid", event=event))["data"]
    told = pages.reader("auditor", purpose="an event").get(f"/events/{event}?format=json").get_json()

    def leaves(value: Any, path: str) -> list[str]:
        if isinstance(value, dict):
            return [each for name, inner in value.items() for each in leaves(inner, f"{path}{name}.")]
        return [path[:-1]]

    assert [row["name"] for row in table(told, "said")] == leaves(data, "")


def test_a_corrected_fact_leads_to_the_version_that_stands_and_says_why(pages: Pages) -> None:
    first = one(
        pages,
        "select first_id::text from facts.session where first_id <> event_id and not retracted"
        " and until_position = 9223372036854775807 limit 1",
    )
    standing = one(
        pages,
        "select event_id::text from facts.session"
        " where first_id = %(first)s::uuid and until_position = 9223372036854775807",
        first=first,
    )
    page = pages.reader("auditor", purpose="a correction").get(f"/events/{first}").get_data(as_text=True)
    assert "Another version of this fact stands now" in page
    assert f'href="/events/{standing}">Show the version that stands' in page


def test_an_event_is_not_yet_there_at_an_earlier_position(pages: Pages) -> None:
    event = one(pages, LEAF + "type = 'miriam.session.held.v1' order by position desc limit 1")
    page = pages.reader("auditor", purpose="an event").get(f"/events/{event}?as_of=1").get_data(as_text=True)
    assert "At position 1 of the ledger this event was not there yet." in page
    assert "retracted: it counts" not in page


def test_codes_are_told_in_words_before_and_after_a_correction(pages: Pages) -> None:
    first = one(
        pages,
        "select a.first_id::text from facts.participation as a join facts.participation as b using (first_id)"
        " where a.employment = 'unemployed' and b.from_position = a.until_position and b.employment = 'inactive'"
        " and not b.retracted order by a.from_position limit 1",
    )
    page = pages.reader("auditor", purpose="a correction", language="fr").get(f"/events/{first}")
    told = unescape(page.get_data(as_text=True))
    assert "Emploi à l'entrée: Au chômage → Inactive" in told
    # What the recorder added has its words too.
    assert "numéro national" in told.lower() or "sans numéro" in told.lower()


def test_a_proof_that_is_taken_away_is_believed_by_the_verifier_and_a_changed_one_is_not(
    pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = one(pages, LEAF + "type = 'miriam.participation.enrolled.v1' order by position limit 1")
    reader = pages.reader("auditor", purpose="a proof")
    keys = tmp_path / "AUTHORITY.pub"
    keys.write_text(reader.get("/ledger/keys").get_data(as_text=True), "utf-8")
    proof = reader.get(f"/events/{event}/proof").get_json()
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof), "utf-8")
    assert miriam_verify.main(["proof", "--key", str(keys), str(file)]) == 0
    file.write_text(json.dumps({**proof, "body": proof["body"].replace('"salt":"', '"salt":"0')}), "utf-8")
    assert miriam_verify.main(["proof", "--key", str(keys), str(file)]) == 1
    assert "UNTRUE" in capsys.readouterr().out


def test_the_page_holds_the_very_bytes_that_were_hashed(pages: Pages) -> None:
    event = one(pages, LEAF + "type = 'miriam.participation.enrolled.v1' order by position limit 1")
    page = pages.reader("auditor", purpose="a proof").get(f"/events/{event}").get_data(as_text=True)
    shown = re.search(r'<textarea id="proof-body"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert shown is not None
    assert unescape(shown[1]) == one(
        pages, "select body from ledger.leaf where event_id = %(event)s::uuid", event=event
    )


def test_a_cpas_opens_its_own_events_and_what_the_authority_said_of_it(pages: Pages) -> None:
    reader = pages.reader("cpas", purpose="our own")
    origin = f"/cpas/{pages.cpas}"
    query = LEAF + "data->>'origin' {} %(origin)s and type like 'miriam.participation.enrolled%%' limit 1"
    own, other = (one(pages, query.format(sign), origin=origin) for sign in ("=", "<>"))
    project = LEAF + "type = 'miriam.project.approved.v1' and data->'data'->>'cpas' {} %(cpas)s limit 1"
    approved, of_others = (one(pages, project.format(sign), cpas=pages.cpas) for sign in ("=", "<>"))
    assert [reader.get(f"/events/{each}").status_code for each in (own, approved)] == [200, 200]
    for each in (other, of_others):
        for way in ("", "/proof", "/figures"):
            assert reader.get(f"/events/{each}{way}").status_code == 404


def test_what_an_event_counts_in_is_what_has_it_for_evidence(pages: Pages) -> None:
    told = explain(pages.office.app, EDITION, "I01")
    row = next(each for each in told.evidence if each.counted == "numerator")
    reader = pages.reader("auditor", purpose="the way back")
    counts = table(reader.get(f"/events/{row.event_id}/figures?format=json").get_json(), "counts")
    wanted = set()
    for code in indicators():
        for part in (each.part for each in compute(pages.office.app, EDITION, codes=[code]).figures):
            found = explain(pages.office.app, EDITION, code, part)
            wanted |= {code for each in found.evidence if each.event_id == row.event_id}
    assert {each["code"] for each in counts} == wanted >= {"I01"}


# Courses


def test_a_course_holds_each_fact_of_the_participation_in_the_order_of_days(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = one(pages, "select participation from facts.session group by 1 order by count(*) desc, 1 limit 1")
    reader = pages.reader("auditor", purpose="a course")
    rows = table(reader.get(f"/participations/{busy}?format=json").get_json(), "course")
    with pages.office.app, pages.office.app.cursor() as cursor:
        wanted = 0
        for name in FACTS:
            cursor.execute(
                f"select count(*) from facts.{name} where participation = %s and until_position = 9223372036854775807",
                (busy,),
            )
            ((count,),) = cursor.fetchall()
            wanted += count
    assert len(rows) == wanted > 5
    assert [row["on"] for row in rows] == sorted(row["on"] for row in rows)
    monkeypatch.setattr(course, "ROWS", 7)
    shown = [reader.get(f"/participations/{busy}?page={number}") for number in range(1, 2 + wanted // 7)]
    events = [re.findall(r'<a href="/events/([0-9a-f]{8})', page.get_data(as_text=True)) for page in shown]
    assert [each for page in events for each in page] == [row["position"] for row in rows]


def test_a_course_as_of_an_earlier_position_knows_nothing_of_what_came_later(pages: Pages) -> None:
    busy = one(pages, "select participation from facts.session group by 1 order by count(*) desc, 1 limit 1")
    reader = pages.reader("auditor", purpose="a course")
    position = one(
        pages,
        "select percentile_disc(0.5) within group (order by from_position)"
        " from facts.session where participation = %(busy)s",
        busy=busy,
    )
    now, then = (
        {row["position"] for row in table(reader.get(f"/participations/{busy}?format=json{more}").get_json(), "course")}
        for more in ("", f"&as_of={position}")
    )
    assert len(then) < len(now)
    assert reader.get(f"/participations/{busy}?as_of=99999999").status_code == 404


def test_a_cpas_sees_the_courses_of_its_own_women_alone(pages: Pages) -> None:
    reader = pages.reader("cpas", purpose="our own")
    query = "select participation from facts.participation where cpas {} %(cpas)s order by 1 limit 1"
    own, other = (one(pages, query.format(sign), cpas=pages.cpas) for sign in ("=", "<>"))
    assert reader.get(f"/participations/{own}").status_code == 200
    assert reader.get(f"/participations/{other}").status_code == 404


def test_each_look_is_noted_with_its_rows_before_it_is_answered(pages: Pages) -> None:
    reader = pages.reader("authority", purpose="a complaint")
    own = one(pages, "select participation from facts.participation where cpas = %(cpas)s limit 1", cpas=pages.cpas)
    before = looks(pages)
    assert reader.get(f"/participations/{own}").status_code == 200
    assert looks(pages) == before + 1
    # The glass is whole again.
    assert reader.get(f"/participations/{own}").status_code == 303
