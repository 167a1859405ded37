"""A page's content in other forms, by the name that `?format=` gives them."""

from collections.abc import Callable, Mapping

from werkzeug.wrappers import Response

from miriam_reporting.web.asked import Asked
from miriam_reporting.web.exports import as_json
from miriam_reporting.web.view import View

FORMATS: Mapping[str, Callable[[View, Asked], Response]] = {"json": as_json.export}
