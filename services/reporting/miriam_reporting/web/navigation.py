"""What stands in the menu, for each role. An entry is there only if its page is, and the role may see it."""

from collections.abc import Iterator

from flask import current_app, url_for

from miriam_reporting.web.asked import Asked
from miriam_reporting.web.roles import Role


def navigation(asked: Asked) -> list[tuple[str, str]]:
    """Name and address of each entry for this reader."""
    return [(name, url_for(endpoint)) for name, endpoint in _entries(asked) if may(asked.viewer.role, endpoint)]


def viewer_name(asked: Asked) -> str:
    """Who is signed in, as a reader of the page says it: the role, of which CPAS, and the account."""
    _ = asked._
    viewer = asked.viewer
    role = {
        Role.PUBLIC: "",
        Role.CPAS: _("CPAS"),
        Role.AUTHORITY: _("Programme authority"),
        Role.AUDITOR: _("Auditor"),
        Role.DPO: _("Data protection officer"),
        Role.OPERATOR: _("Operator"),
    }[viewer.role]
    of = f"{role} {viewer.cpas}" if viewer.cpas else role
    return of if viewer.name == viewer.role.value else f"{of} · {viewer.name}"


def _entries(asked: Asked) -> Iterator[tuple[str, str]]:
    _ = asked._
    yield _("Published reports"), "published.reports"
    yield _("Editions"), "report.editions"
    yield _("Reports: sign and publish"), "life.reports"
    yield _("Refusals and late facts"), "arrivals.arrivals"
    yield _("Requests of persons"), "privacy.requests"
    yield _("Erasures"), "privacy.erasures"
    yield _("Access log"), "privacy.access_log"
    yield _("Services"), "services.services"
    yield _("Ledger"), "ledger.ledger"
    yield _("For makers"), "documents.documents"


def may(role: Role, endpoint: str) -> bool:
    """Whether there is such a page, for this role."""
    from miriam_reporting.web.parts import PARTS

    known = endpoint in current_app.view_functions
    return known and any(role in route.roles for part in PARTS for route in part.routes if route.endpoint == endpoint)
