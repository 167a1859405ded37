"""A part of the pages: a folder with addresses, templates and catalogues of its own. Each address names its roles.

    PART = Part("diff")

    @PART.page("/editions/<edition>/diff", roles=(Role.AUTHORITY, Role.AUDITOR))
    def diff(asked: Asked, edition: str) -> Page: ...

`page` answers a Page, which is shown or exported; `resource` any response, as a picture; `action` takes a form (POST)
and answers where to go. All three are refused to who has none of the roles, before they run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from miriam_reporting.web import guard
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.roles import Role

PageFunction = Callable[..., Page]
AnyFunction = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """An address, and whom it answers. `look`: it shows data of single women, and is noted under this name.

    `pdf`: the template of its PDF, where it has one.
    """

    endpoint: str
    rule: str
    method: str
    roles: tuple[Role, ...]
    look: str | None = None
    # Whether it answers a page, rather than a picture, a file, or where to go.
    shows: bool = False
    pdf: str | None = None


class Part:
    """One part; `name` is its folder's, and goes before its endpoints: `diff.diff`."""

    def __init__(self, name: str) -> None:
        self.name = name
        package = f"miriam_reporting.web.parts.{name}"
        self.blueprint = Blueprint(name, package, template_folder="templates")
        self.routes: list[Route] = []

    def page(
        self, rule: str, *, roles: Sequence[Role], look: str | None = None, pdf: str | None = None
    ) -> Callable[[PageFunction], PageFunction]:
        """A page: `function(asked, **arguments) -> Page`."""
        return self._added(rule, "GET", roles, look, guard.page, pdf)

    def resource(
        self, rule: str, *, roles: Sequence[Role], look: str | None = None
    ) -> Callable[[AnyFunction], AnyFunction]:
        """Something that a page shows or offers: `function(asked, **arguments) -> Response`."""
        return self._added(rule, "GET", roles, look, guard.resource)

    def action(self, rule: str, *, roles: Sequence[Role]) -> Callable[[AnyFunction], AnyFunction]:
        """What a form does: `function(asked, **arguments) -> Response`, a redirection where it was done."""
        return self._added(rule, "POST", roles, None, guard.resource)

    def _added(
        self,
        rule: str,
        method: str,
        roles: Sequence[Role],
        look: str | None,
        answer: Callable[..., Any],
        pdf: str | None = None,
    ) -> Callable[[Any], Any]:
        def register(function: Callable[[Asked], Any]) -> Callable[[Asked], Any]:
            name = f"{self.name}.{function.__name__}"
            route = Route(name, rule, method, tuple(roles), look, shows=answer is guard.page, pdf=pdf)
            self.routes.append(route)

            def view(**arguments: Any) -> Any:
                return answer(route, function, arguments)

            self.blueprint.add_url_rule(rule, endpoint=function.__name__, view_func=view, methods=[method])
            return function

        return register
