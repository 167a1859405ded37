"""Pictures as answers: drawn when they are asked for, and not again for who has them."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import resources

from flask import request
from werkzeug.wrappers import Response

from miriam_reporting.reports.definitions import current
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.guard import Unknown

# Arguments that fix which figures an address is of.
_FIXED = ("at", "publication")


def image(asked: Asked, draw: Callable[[], bytes | None]) -> Response:
    """The picture that is drawn; 304 for who has it. Raises Unknown where there is nothing to draw."""
    tag = _tag(asked)
    if tag in request.if_none_match:
        return _cached(Response(status=304), tag)
    drawn = draw()
    if drawn is None:
        raise Unknown("there is nothing to draw")
    return _cached(Response(drawn, content_type="image/svg+xml"), tag)


def _tag(asked: Asked) -> str:
    """What an image is a function of: what was asked, by whom, in which language, and the code that draws it."""
    parts = (request.full_path, asked.language, asked.viewer.role.value, asked.viewer.cpas or "", _code())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _cached(answer: Response, tag: str) -> Response:
    """Kept by the reader's browser, which asks each time whether it still may show it."""
    answer.headers["Cache-Control"] = "private, no-cache"
    if any(request.args.get(name) for name in _FIXED):
        answer.set_etag(tag)
    return answer


@cache
def _code() -> str:
    """A digest of what draws: the definitions of figures, and the modules of pictures."""
    found = hashlib.sha256(current().digest.encode())
    for package in ("miriam_reporting.web.plots", __package__):
        for file in sorted(resources.files(package).iterdir(), key=lambda each: each.name):
            if file.name.endswith((".py", ".sql")):
                found.update(file.read_bytes())
    return found.hexdigest()
