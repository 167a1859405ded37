"""What a reader is told where a page cannot be shown: what happened, and what to do next."""

from dataclasses import dataclass

from werkzeug.exceptions import HTTPException

from miriam_reporting.web.asked import Asked
from miriam_reporting.web.unanswered import unanswered


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in the reader's words; `said` is which name or number was meant, `detail` the same in the program's."""

    code: int
    title: str
    next: str
    detail: str = ""
    said: str = ""


def told(error: HTTPException, asked: Asked) -> Problem:
    """The problem behind an answer of this status."""
    _ = asked._
    code = error.code or 500
    if code == 400:
        return Problem(
            code,
            _("This form could not be taken"),
            _("It may have been open for too long. Go back, reload the page and send it again."),
            error.description or "",
        )
    if code == 403:
        return Problem(
            code,
            _("This page is not for your role"),
            _("Sign in with another role, or ask the programme authority for it."),
        )
    if code == 404:
        said = unanswered(error.__cause__, asked) or str(getattr(error, "said", ""))
        detail = error.description or "" if _ours(error) and not said else ""
        return Problem(
            code, _("There is no such page"), _("Look for it from the list of editions."), detail=detail, said=said
        )
    if code == 413:
        return Problem(code, _("What you sent is too large"), _("Send less at once."))
    if code == 422:
        return Problem(code, _("This is too long for one file"), _("Ask for a part of it."), error.description or "")
    if code in (429, 503):
        return Problem(code, _("Too many requests"), _("Wait a minute, then go on."))
    return Problem(
        code, _("This page could not be made"), _("It was noted. Try again; if it stays so, tell the operator.")
    )


def _ours(error: HTTPException) -> bool:
    return type(error).__module__.startswith("miriam_")
