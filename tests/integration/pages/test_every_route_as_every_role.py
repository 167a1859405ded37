"""Every address of the pages, asked for as every role: who is shown it, who is asked why, who is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pages_addresses import ROUTES, address, values_of
from pages_scenario import ROLES, Pages, Reader

# What each address answers to each role, before a purpose is told:
#   shown    200        away     303, led on after the deed or the choice
#   why      303, asked for a purpose first             enter   303, asked to sign in
#   refused  403        bare     a form without what it needs: 400, 404 or 422, never more than that
# Roles that are not named are refused; who is not signed in is asked to.
_ALL = dict.fromkeys(ROLES, "shown")
_READERS = {"cpas": "shown", "authority": "shown", "auditor": "shown"}
_WHY = dict.fromkeys(_READERS, "why")
EXPECTED: Mapping[str, Mapping[str, str]] = {
    "entrance.healthz": _ALL,
    "entrance.home": dict.fromkeys(ROLES, "away"),
    "entrance.sign_in": _ALL,
    "entrance.follow": _ALL,
    "entrance.use": dict.fromkeys(ROLES, "away"),
    "entrance.sign_out": dict.fromkeys(ROLES[1:], "away"),
    "entrance.purpose": dict.fromkeys(("cpas", "authority", "auditor", "dpo"), "shown"),
    "entrance.keep_purpose": dict.fromkeys(("cpas", "authority", "auditor", "dpo"), "away"),
    "entrance.accessibility": _ALL,
    # No provider is set up here; `test_openid.py` has one.
    "oidc.begin": dict.fromkeys(ROLES, "404"),
    "oidc.back": dict.fromkeys(ROLES, "404"),
    "oidc.out": dict.fromkeys(ROLES, "404"),
    "report.editions": _READERS,
    "report.report": _READERS,
    "published.reports": _ALL,
    "published.report": _ALL,
    "published.by": _ALL,
    "published.picture": _ALL,
    "outcomes.goals_page": _READERS,
    "outcomes.groups_page": _READERS,
    "outcomes.exits_page": _READERS,
    "outcomes.distance_page": _READERS,
    "outcomes.months_page": _READERS,
    "outcomes.by": _READERS,
    "outcomes.picture": _READERS,
    "evidence.definition": _READERS,
    "evidence.over_time": _READERS,
    "evidence.over_time_picture": _READERS,
    "evidence.figure": _WHY,
    "evidence.event": _WHY,
    "evidence.proof": _WHY,
    "evidence.counts": _WHY,
    "evidence.course": _WHY,
    "ledger.ledger": _ALL,
    "ledger.head": _ALL,
    "ledger.keys": _ALL,
    "ledger.program": _ALL,
    "documents.documents": _ALL,
    "documents.document_at": _ALL,
    "privacy.requests": {"dpo": "shown"},
    "privacy.add_request": {"dpo": "bare"},
    "privacy.request_of": {"dpo": "why"},
    "privacy.take_step": {"dpo": "bare"},
    "privacy.person": {"dpo": "why"},
    "privacy.erasures": {"dpo": "why", "auditor": "why"},
    "privacy.erasure": {"dpo": "why", "auditor": "why"},
    "privacy.proof": {"dpo": "why", "auditor": "why"},
    "privacy.access_log": {"dpo": "why", "auditor": "why"},
    "arrivals.arrivals": _READERS,
    "arrivals.recorded": _WHY,
    "arrivals.refused": _WHY,
    "arrivals.late": _WHY,
    "quality.quality": _READERS,
    "services.services": {"operator": "shown"},
    "asof.history": _READERS,
    "diff.diff": {"authority": "shown", "auditor": "shown"},
    "diff.units": {"authority": "why", "auditor": "why"},
    "life.reports": _READERS,
    "life.report": _READERS,
    "life.draft": {"authority": "bare"},
    "life.confirm": {"authority": "shown"},
    "life.preview": {"authority": "shown"},
    "life.publish": {"authority": "bare"},
    "life.reopen": {"authority": "bare"},
    "life.to_sign": {"cpas": "shown"},
    "life.message": {"cpas": "shown"},
    "life.sign": {"cpas": "bare"},
}


def test_each_route_is_in_the_table() -> None:
    assert set(ROUTES) == set(EXPECTED)


def test_there_is_no_way_in_beside_the_parts(pages: Pages) -> None:
    assert {rule.endpoint for rule in pages.app.url_map.iter_rules()} - {"static"} == set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_each_route_answers_each_role_as_told(pages: Pages, role: str) -> None:
    values = values_of(pages)
    wrong = []
    for endpoint, route in ROUTES.items():
        wanted = EXPECTED[endpoint].get(role, "enter" if role == "public" else "refused")
        # A reader of its own for each: signing out must not change what comes after it.
        reader = pages.reader(role)
        where = address(route, values)
        found = _answer(reader, route.method, where)
        if found != wanted:
            wrong.append(f"{route.method} {where}: {found}, not {wanted}")
    assert wrong == []


def _answer(reader: Reader, method: str, where: str) -> str:
    if method == "GET":
        answer = reader.get(where)
    else:
        reader.get("/sign-in")
        if not reader.token:
            reader.get("/sign-in/no-such-link")
        answer = reader.post(where)
    to = answer.headers.get("Location", "")
    if answer.status_code == 303:
        if to.startswith("/purpose?next=") and "failed" not in to:
            return "why"
        return "enter" if to.startswith("/sign-in?next=") else "away"
    if answer.status_code in (400, 404, 422) and method == "POST":
        return "bare"
    return {200: "shown", 403: "refused"}.get(answer.status_code, str(answer.status_code))


@pytest.mark.parametrize("role", ROLES)
def test_a_form_without_its_token_does_nothing(pages: Pages, role: str) -> None:
    reader = pages.reader(role)
    values = values_of(pages)
    for route in (route for route in ROUTES.values() if route.method == "POST"):
        where = address(route, values)
        answer = reader.client.post(where, data={"purpose": "x"})
        assert answer.status_code == 400, where
