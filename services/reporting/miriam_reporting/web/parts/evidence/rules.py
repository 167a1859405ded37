"""The counting rules of the indicators, each as its definition says it: here so that they are translated.

`asked._(indicator.rule)` is a rule in the reader's language. A rule that changes is another text: a test asks for its
line here, and the check of languages for its translation.
"""


def gettext(text: str) -> str:
    """The text as it is; by this name it is found for the catalogues."""
    return text


RULES = (
    gettext(
        "women with a valid enrolment and at least one individual session held or group session attended / "
        "women enrolled"
    ),
    gettext(
        "approved projects with at least one woman supported / approved projects; a project counts at each "
        "CPAS that carries it"
    ),
    gettext(
        "CPAS that carry an approved project with at least one woman supported / CPAS that carry one; members"
        " of a consortium count"
    ),
    gettext(
        "women who answered `better` for finances, social support, housing or physical health at the end / "
        "women who answered any of the four"
    ),
    gettext(
        "by measured domain, women who answered `better` at the end / women who answered `worse`, `same` or `better`"
    ),
    gettext(
        "by measured domain, over the women with a valid answer at the start and at the end: sum of (end - "
        "start) / pairs; her first valid start, her last valid end"
    ),
    gettext("goals reached / goals set; by life domain, by outcome, and of those reached by the kind of evidence"),
    gettext("valid sessions held; their hours; the median per woman who had any; sessions missed"),
    gettext(
        "women present / group sessions; women present / women who were present, excused or absent; days "
        "since the group's previous session / 7"
    ),
    gettext(
        "participations that ended for another reason than completed, employment or training / valid "
        "enrolments; by reason"
    ),
    gettext(
        "participations that ended / valid enrolments; of those that ended, by reason, and into employment or training"
    ),
    gettext("referrals closed / referrals made; by life domain; of those closed by outcome"),
    gettext(
        "the edition's budget; its projects' subsidies, payments and declared costs; payments and costs per "
        "woman supported and per participation supported"
    ),
    gettext(
        "median, over the participations that were met, of the days from enrolment to the first individual "
        "session held or group session attended"
    ),
    gettext(
        "participations that ended and were followed up / participations that ended; of the follow-ups (the "
        "last of each) by situation"
    ),
    gettext(
        "women by their situation at their first enrolment in the edition / women for whom it is known; what "
        "is not answered or not available is not counted"
    ),
    gettext(
        "facts and attendances that match no valid enrolment, membership, group or project / all of them; by reason"
    ),
    gettext("valid enrolments of which a variable is not answered or not available / valid enrolments; by variable"),
    gettext("facts noted more days after they happened than the edition allows / facts, valid or not; by family"),
    gettext("enrolments, sessions and group sessions that happened before or after the edition / all of them"),
    gettext("women with a valid assessment at one side only / women with any; by the side that is missing"),
    gettext(
        "women with two valid enrolments in one CPAS, in two CPAS, or none under a number / women with a "
        "valid enrolment"
    ),
    gettext("emissions that the doors refused, of every edition; by rule"),
    gettext("by service, its highest number in the ledger minus the number of its events there"),
)
