"""Every address of the pages, with a value for each name in it: what tests walk along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from invent import REPORT
from pages_privacy import REFERENCE
from pages_scenario import EDITION, Pages

from miriam_reporting.web.part import Route
from miriam_reporting.web.parts import PARTS
from miriam_reporting.web.roles import Role

ROUTES = {route.endpoint: route for part in PARTS for route in part.routes}
# What else a page shows that is worth a look: what stands behind the question mark, or a whole address.
QUERIES: Mapping[str, tuple[str, ...]] = {
    "arrivals.arrivals": ("cpas=alpha",),
    "arrivals.recorded": ("cpas=alpha", "cpas=alpha&id=never-sent"),
    "arrivals.refused": ("cpas=alpha",),
    "arrivals.late": ("cpas=alpha",),
    "asof.history": ("as_of=700",),
    "diff.diff": ("from=600&to=800&by=cpas",),
    "diff.units": ("from=600&to=800&code=I08",),
    "entrance.sign_in": ("failed=link",),
    "entrance.purpose": ("failed=purpose",),
    "evidence.over_time": (f"/editions/{EDITION}/figures/I08/over-time",),
    "evidence.definition": (f"/editions/{EDITION}/figures/I08/rule?part=measure%3Dhours",),
    "privacy.access_log": ("check=yes&kind=look",),
}
_FIRST = {
    "size": "select max(size) from ledger.checkpoint",
    "event": "select event_id from facts.participation where cpas = %(cpas)s order by from_position limit 1",
    "participation": "select participation from facts.participation where cpas = %(cpas)s order by 1 limit 1",
    "person": "select data->'data'->>'person' from ledger.leaf where type = 'miriam.person.erased.v1'",
    "position": "select position from ledger.leaf where type = 'miriam.person.erased.v1'",
}
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def values_of(pages: Pages) -> dict[str, str]:
    """A value for each name in an address."""
    return {
        "edition": EDITION,
        "report": REPORT,
        "link": "no-such-link",
        "cpas": pages.cpas,
        "place": "asyncapi.json",
        "code": "I08",
        "level": "cpas",
        "name": "goals",
        "reference": REFERENCE,
        **_of_the_database(pages),
    }


def _of_the_database(pages: Pages) -> dict[str, str]:
    """The newest signed head; the first event and participation of the CPAS; who was erased, and at which position."""
    found = {}
    with pages.office.app, pages.office.app.cursor() as cursor:
        for name, query in _FIRST.items():
            cursor.execute(query, {"cpas": pages.cpas})
            ((value,),) = cursor.fetchall()
            found[name] = str(value)
    return found


def address(route: Route, values: Mapping[str, str]) -> str:
    """The address of a route, with these values in it."""
    return _ARGUMENT.sub(lambda name: values[name[1]], route.rule)


def walk(pages: Pages, role: str) -> Iterator[str]:
    """The address of each page that this role is shown, and of what else it shows by a query."""
    values = values_of(pages)
    for endpoint, route in ROUTES.items():
        if route.shows and Role(role) in route.roles:
            plain = address(route, values)
            yield plain
            yield from (each if each.startswith("/") else f"{plain}?{each}" for each in QUERIES.get(endpoint, ()))
