"""What each figure counts, in plain words: what a reader is told before the counting rule, which is to the letter.

`in_words` is in the reader's language. The words are of one version of an indicator: another version, as of a report
that was published long ago, is told by its rule alone.
"""

from collections.abc import Mapping

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.web.asked import Asked


def gettext(text: str) -> str:
    """The text as it is; by this name it is found for the catalogues."""
    return text


def in_words(indicator: Indicator, asked: Asked) -> str:
    """What the figure counts; its counting rule where there are no words for this version of it."""
    told = _WORDS.get((indicator.code, indicator.version))
    return asked._(told) if told else asked._(indicator.rule)


_WORDS: Mapping[tuple[str, int], str] = {
    ("I01", 1): gettext(
        "Women with a valid enrolment who had at least one individual session, or were present at least once at a "
        "group session. Each woman counts once, also where she came back or moved to another CPAS. The value is "
        "their number; the denominator is all women enrolled."
    ),
    ("I02", 1): gettext(
        "Approved projects in which at least one woman was supported. The denominator is all approved projects. A "
        "project that several CPAS carry together counts at each of them, and once in the total."
    ),
    ("I03", 1): gettext(
        "CPAS that carry, alone or with others, a project in which at least one woman was supported. The "
        "denominator is all CPAS that carry an approved project."
    ),
    ("I04", 1): gettext(
        "Women who said at the end that things had become better in at least one of four domains: finances, "
        "social support, housing, physical health. The denominator is the women who answered about at least one "
        "of the four in their questionnaire at the end."
    ),
    ("I05", 1): gettext(
        "For each domain of the questionnaire: the women who said at the end that it had become better, of those "
        "who answered better, the same or worse."
    ),
    ("I06", 1): gettext(
        "For each domain: by how many points, on a scale of 0 to 10, a woman's satisfaction changed on average "
        "between her questionnaire at the start and that at the end. Only women who answered both times count."
    ),
    ("I07", 1): gettext(
        "Goals that were reached, of all goals that were set; also by life domain. Of all goals: how many were "
        "reached, given up, or are still open. Of those reached: who or what shows it."
    ),
    ("I08", 1): gettext(
        "Individual sessions that took place, the hours that they took, and how many a woman had. The median is "
        "the woman in the middle: as many had fewer as had more. Sessions that were missed are counted apart."
    ),
    ("I09", 1): gettext(
        "How many women were present at a group session on average; of the women who were expected, how many "
        "came; and how many weeks lay between a group session and the one before it."
    ),
    ("I10", 1): gettext(
        "Participations that ended before the course was over, for another reason than work or training, of all "
        "valid enrolments; also by reason. A woman who was in two projects counts twice here."
    ),
    ("I11", 1): gettext(
        "Participations that have ended, of all valid enrolments. Of those that ended: the share of each reason, "
        "and the share that led into work or training."
    ),
    ("I12", 1): gettext(
        "Referrals to partners that were brought to a close, of all that were made; also by life domain. Of those "
        "closed: what became of them."
    ),
    ("I13", 1): gettext(
        "The budget of the edition; what its projects were granted, were paid, and declared as costs; and what "
        "was paid and declared for each woman supported and for each place filled. A place filled is one woman "
        "supported in one project."
    ),
    ("I14", 1): gettext(
        "Days from enrolment to the first individual session, or to the first group session at which she was "
        "present. The median is the one in the middle: as many waited less as waited longer. Participations "
        "without any session are left out."
    ),
    ("I15", 1): gettext(
        "Participations that ended and were asked about again later, of all that ended. Of the answers, the last "
        "of each participation: what the woman was doing then."
    ),
    ("I16", 1): gettext(
        "Women by their employment, education and age when they first enrolled, as the European Social Fund "
        "counts participants. The denominator is the women of whom it is known."
    ),
    ("D01", 1): gettext(
        "Facts that fit no valid enrolment, group, membership or project, of all facts; also by reason. They are "
        "kept, and count as soon as what they rest on arrives."
    ),
    ("D02", 1): gettext(
        "Valid enrolments in which employment, education or age is not answered or not available, of all valid "
        "enrolments."
    ),
    ("D03", 1): gettext(
        "Facts that were noted more days after they happened than the edition allows, of all facts. They count "
        "all the same."
    ),
    ("D04", 1): gettext(
        "Enrolments, individual sessions and group sessions with a day before the edition began or after it "
        "ended, of all of them."
    ),
    ("D05", 1): gettext(
        "Women with a valid questionnaire at the start or at the end but not at both, of the women with at least one."
    ),
    ("D06", 1): gettext(
        "Women who enrolled twice in one CPAS, women who enrolled in two CPAS, and women who are known under no "
        "national number: each of the women with a valid enrolment."
    ),
    ("D07", 1): gettext(
        "What the services refused because it broke a rule, of all editions together; also by rule. What is "
        "refused counts in no other figure."
    ),
    ("D08", 1): gettext(
        "For each service: how many of the numbers that it gave its events are missing in the ledger. It should be 0."
    ),
}
