"""The pages about one edition, which lead to each other."""

from typing import Any

from flask import request, url_for

from miriam_reporting.web.asked import Asked
from miriam_reporting.web.navigation import may


def topics(asked: Asked, edition: str) -> list[tuple[str, str, bool]]:
    """Those that this reader may see: name, address with place and time that are shown, whether it is the one shown."""
    _ = asked._
    args: dict[str, Any] = {name: asked.args[name] for name in ("place", "as_of") if asked.args.get(name)}
    pages = [
        ("report.report", _("Report")),
        ("outcomes.distance_page", _("Distance travelled")),
        ("outcomes.goals_page", _("Goals")),
        ("outcomes.groups_page", _("Group attendance")),
        ("outcomes.exits_page", _("Drop-out and exits")),
        ("outcomes.months_page", _("Month by month")),
        ("quality.quality", _("Data quality")),
        ("asof.history", _("As it was known")),
        ("diff.diff", _("What changed")),
    ]
    return [
        (name, url_for(endpoint, edition=edition, **args), endpoint == request.endpoint)
        for endpoint, name in pages
        if may(asked.viewer.role, endpoint)
    ]
