"""Why a step was not taken, in the reader's words."""

from miriam_contracts.problems import describe
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.life.errors import NotCosigned, Refused, Untrue
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.unanswered import unanswered


def why(problem: ReportError, asked: Asked) -> tuple[str, ...]:
    """Sentences; what is only known in the program's own words comes last, in these."""
    _ = asked._
    if isinstance(problem, Refused):
        return tuple(describe(each, asked.language) for each in problem.problems)
    if isinstance(problem, NotCosigned):
        return (
            _(
                "The authority's witness has not cosigned a checkpoint that reaches so far yet, so that nobody could "
                "check it."
            ),
            _("Run `miriam audit witness` where the authority's key is, then do this again."),
        )
    if isinstance(problem, Untrue):
        return (
            _("What is kept is not what was drafted or signed. Publish nothing before an auditor has looked at it."),
            str(problem),
        )
    return (_("This was not done."), unanswered(problem, asked) or str(problem))
