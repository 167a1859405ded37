"""Why a step of a report's life cannot be taken, besides the rules of its domain."""

from collections.abc import Sequence

from miriam_contracts.problems import Problem, describe
from miriam_reporting.reports.errors import ReportError


class Refused(ReportError):
    """The step breaks a rule. `problems` say which."""

    code = "refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(describe(each) for each in problems))
        self.problems = tuple(problems)


class UnknownReport(ReportError):
    """There is no report of that id."""

    code = "unknown_report"

    def __init__(self, report: str, existing: Sequence[str]) -> None:
        named = ", ".join(existing) or "none"
        super().__init__(f"there is no report {report}; there are: {named}", existing)


class NeverPublished(ReportError):
    """No publication is there to take definitions or figures from."""

    code = "never_published"


class NotCosigned(ReportError):
    """No signed head over the report's position has the authority's cosignature."""

    code = "not_cosigned"


class Untrue(ReportError):
    """What is kept is not what was signed or published: it was tampered with, or our code computes otherwise."""

    code = "untrue"


class MovedOn(ReportError):
    """Somebody else took a step of the same report meanwhile: read again and decide again."""

    code = "moved_on"

    def __init__(self, report: str) -> None:
        super().__init__(f"{report}: somebody else took a step of it at the same moment; try again")
