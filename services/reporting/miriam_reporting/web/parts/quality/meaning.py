"""What each figure of data quality means, and what can be done about it, in plain words."""

from collections.abc import Mapping

from miriam_reporting.web.asked import Asked


def meanings(asked: Asked) -> Mapping[str, tuple[str, str]]:
    """By code: what it means, and what to do."""
    _ = asked._
    return {
        "D01": (
            _(
                "Facts that name something which is not there, or not valid: a session for a woman who was never "
                "enrolled, a presence in a group that she had not joined."
            ),
            _(
                "They are kept and count as soon as what is missing arrives. Look at the reason, then send the "
                "enrolment, or correct the fact that names the wrong one."
            ),
        ),
        "D02": (
            _(
                "Enrolments without an answer on employment, education or age. The European fund does not count a"
                " participant whose record misses one of them."
            ),
            _("Ask the woman, and correct her enrolment. Where she does not want to answer, leave it as it is."),
        ),
        "D03": (
            _("Facts that were noted more days after they happened than the edition allows."),
            _(
                "They count all the same. Where there are many, note sessions in the same week, or ask for help "
                "with the software."
            ),
        ),
        "D04": (
            _(
                "Enrolments, sessions and group sessions dated before the edition began or after it ended. They "
                "count in no figure of it."
            ),
            _("Look for typing errors in dates, and for projects of another edition; correct them."),
        ),
        "D05": (
            _(
                "Women with a questionnaire at the start or at the end, but not both: their distance travelled "
                "cannot be told."
            ),
            _(
                "Fill in the missing questionnaire while it can still be asked. A woman who left early stays in "
                "this list."
            ),
        ),
        "D06": (
            _(
                "Women who came back, who moved to another CPAS, or who have no national number, so that they may"
                " be counted twice. Nothing is wrong with it."
            ),
            _("Add the number where it is known, or tell that two records are one woman."),
        ),
        "D07": (
            _("Events that a service refused: they broke a rule, and are not recorded."),
            _("Mend them and send them again. The reason of each is told here:"),
        ),
        "D08": (
            _(
                "Numbers that are missing in what a service recorded: events were lost on their way, or somebody "
                "tampered."
            ),
            _("It should be 0. Where it is not, the operator finds out why; no report should be published before."),
        ),
    }
