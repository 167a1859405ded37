"""Why a question has no answer, in the reader's language."""

from miriam_reporting.audit.event.story import UnknownEvent
from miriam_reporting.reports.as_of import BadAsOf, NoCheckpointYet, NotBeenYet
from miriam_reporting.reports.errors import (
    NoSuchPart,
    PositionBeyondHead,
    ReportError,
    RetiredEdition,
    UnknownEdition,
    UnknownIndicator,
)
from miriam_reporting.reports.life.errors import MovedOn, UnknownReport
from miriam_reporting.web.asked import Asked


def unanswered(problem: BaseException | None, asked: Asked) -> str | None:
    """The sentence for a problem of reports; None where it is known in the program's own words alone."""
    _, written = asked._, asked.format
    match problem:
        case NotBeenYet():
            return _("%(day)s is still to come.") % {"day": written.date(problem.day)}
        case BadAsOf():
            return _("Write a day as 2024-06-30, or a position of the ledger as 60000.")
        case NoCheckpointYet(first=None):
            return _("Nothing has been signed yet, so that no day can be looked back to.")
        case NoCheckpointYet(day=day, first=first):
            told = {"day": written.date(day), "first": written.date(first)}
            return _("On %(day)s nothing had been signed yet: the history begins on %(first)s.") % told
        case PositionBeyondHead():
            return _("The figures reach up to position %(head)s of the ledger.") % {
                "head": written.number(problem.head)
            }
        case RetiredEdition():
            told = {"edition": problem.edition, "day": written.date(problem.day)}
            return (
                _(
                    "The retention of edition %(edition)s ended on %(day)s: what was recorded of it is destroyed. "
                    "Its published reports stay."
                )
                % told
            )
        case UnknownEdition():
            return _there_are(
                _("There is no edition %(name)s at that moment.") % {"name": problem.edition}, problem, asked
            )
        case UnknownIndicator():
            return _there_are(_("There is no figure %(name)s.") % {"name": problem.asked}, problem, asked)
        case NoSuchPart():
            return _("This figure has no such part.")
        case UnknownReport():
            return _there_are(_("There is no report of that name."), problem, asked)
        case UnknownEvent():
            return _("The ledger holds no event of that id, as far as it may be shown to you.")
        case MovedOn():
            return _("Somebody else took a step of this report at the same moment. Look at it again, then decide.")
    return None


def _there_are(told: str, problem: ReportError, asked: Asked) -> str:
    if not problem.allowed:
        return told
    others = asked._("There are: %(names)s.") % {"names": asked.format.listed([*problem.allowed])}
    return f"{told} {others}"
