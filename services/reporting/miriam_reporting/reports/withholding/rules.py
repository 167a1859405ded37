"""The rules: what is small, what protects it, and which figures the tables of an edition's public report have.

Changing one changes which cells are withheld from the next publication on; what is published stays as it is.
"""

from collections.abc import Mapping

from miriam_reporting.reports.model import LEVELS, Figure

# A count below it is small: 1 to 4 women, places, sessions, goals ...
THRESHOLD = 5
# As far as the public can tell, what is small may be 1 or less, and more than that by at least this much.
WIDTH = 5
# Of an amount (sessions, minutes) that few women stand behind, its range must be at least this share of it.
SHARE_OF_AMOUNT = 5
# Minutes of sessions: the width of counts is no measure of them.
MINUTES = 300

# They count no persons: projects, CPAS, euro of subsidy, refusals, missing numbers.
_OF_NO_PERSON = frozenset({"I02", "I03", "D07", "D08"})
_MONEY = frozenset({"budget", "subsidy", "paid", "declared"})
# Down to which level the public's tables go, by code and key of the part; all others go down to projects, data quality
# is of the programme alone. Below, nearly every count of the simulated edition is small: the table would be empty, and
# for what little it told more would have to be withheld above.
_FINEST: Mapping[tuple[str, str], str] = {
    ("I04", ""): "cpas",
    ("I05", "domain"): "cpas",
    ("I06", "domain"): "cpas",
    ("I07", "domain"): "cpas",
    ("I10", ""): "cpas",
    ("I10", "reason"): "region",
    ("I11", ""): "cpas",
    ("I11", "measure"): "cpas",
    ("I11", "reason"): "region",
    ("I12", "domain"): "region",
    ("I12", "outcome"): "cpas",
    ("I15", ""): "cpas",
    ("I15", "situation"): "region",
    ("I16", "employment"): "cpas",
    ("I16", "education"): "cpas",
    ("I16", "age_band"): "cpas",
}
# Of how many women were enrolled, the public is told the supported ones: a count, without what it is a share of.
_COUNTS_ALONE = frozenset({"I01"})


def counts_no_person(figure: Figure) -> bool:
    """Whether nothing of the figure is of persons, so that it is never withheld."""
    return figure.code in _OF_NO_PERSON or (figure.code == "I13" and figure.by.get("measure") in _MONEY)


def in_the_tables(figure: Figure) -> bool:
    """Whether the public's tables hold the figure: each group of parts goes down to a level of its own."""
    key = figure.part.partition("=")[0]
    finest = "total" if figure.code.startswith("D") else _FINEST.get((figure.code, key), "project")
    return LEVELS.index(figure.level) <= LEVELS.index(finest)


def shows_denominator(code: str) -> bool:
    """Whether a figure of the indicator, where it is shown, is shown with its denominator."""
    return code not in _COUNTS_ALONE


def is_percentage(figure: Figure) -> bool:
    """Whether 0 % and 100 % of it tell something of everybody."""
    return figure.unit == "%"


def tells_everybody(detail: Mapping[str, str | None], lowest: int, highest: int) -> bool:
    """Whether the means and deviation of I06 tell the answer, or the change, of each single woman."""
    extremes = {f"{lowest}.00", f"{highest}.00"}
    return detail["sd"] in (None, "0.00") or detail["mean_start"] in extremes or detail["mean_end"] in extremes
