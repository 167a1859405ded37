"""Which counts a figure shows. Figures that show the same count name it alike, so what hides it must hide all of them.

A count is of a concept ("exits", "exits health") at a place. COUNTING.md says which figures have which in common.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding.rules import counts_no_person


class Count(NamedTuple):
    """What is counted, and where."""

    concept: str
    level: str
    value: str


class Counts(NamedTuple):
    """The counts of a figure; None where it has none, or one of no person."""

    numerator: Count | None
    denominator: Count | None


WOMEN, SUPPORTED = "women", "women supported"
PLACES, PLACES_SUPPORTED = "places", "places supported"
EXITS, DROP_OUTS, INTO_WORK, FOLLOW_UPS = "exits", "drop-outs", "exits into work", "follow-ups"
MEDIAN_WOMEN = "women with a session"
BY_GROUP, BY_WOMAN = "attendances by group", "attendances by woman"
INTO = ("employment", "training")

# By code and key of the part; `{}` is the part's category. Where nothing is named, names of the figure's own.
_NAMED: Mapping[tuple[str, str], tuple[str | None, str | None]] = {
    ("I01", ""): (SUPPORTED, WOMEN),
    ("I07", ""): ("goals reached", "goals"),
    ("I07", "outcome"): ("goals {}", "goals"),
    ("I07", "evidence"): ("goals reached, {}", "goals reached"),
    ("I07", "domain"): ("goals reached in {}", "goals in {}"),
    ("I10", ""): (DROP_OUTS, PLACES),
    ("I10", "reason"): ("exits: {}", PLACES),
    ("I11", ""): (EXITS, PLACES),
    ("I11", "reason"): ("exits: {}", EXITS),
    ("I11", "measure"): (INTO_WORK, EXITS),
    ("I12", ""): ("referrals closed", "referrals"),
    ("I12", "outcome"): ("referrals closed, {}", "referrals closed"),
    ("I12", "domain"): ("referrals closed in {}", "referrals in {}"),
    ("I14", ""): (None, PLACES_SUPPORTED),
    ("I15", ""): (FOLLOW_UPS, EXITS),
    ("I15", "situation"): ("follow-ups: {}", FOLLOW_UPS),
    ("I16", "employment"): ("women: employment {}", "women: employment"),
    ("I16", "education"): ("women: education {}", "women: education"),
    ("I16", "age_band"): ("women: age {}", "women: age"),
    ("D01", ""): ("facts unmatched", "facts"),
    ("D01", "reason"): ("facts unmatched: {}", "facts"),
    ("D02", ""): ("places incomplete", PLACES),
    ("D02", "variable"): ("places without {}", PLACES),
    ("D05", ""): ("women unpaired", "women assessed"),
    ("D05", "side"): ("women unpaired: {}", "women assessed"),
    ("D06", "kind"): ("women: {}", WOMEN),
}
_MEASURES: Mapping[tuple[str, str], tuple[str | None, str | None]] = {
    ("I08", "median_per_woman"): (None, MEDIAN_WOMEN),
    ("I09", "mean_present"): (BY_GROUP, "group sessions"),
    ("I09", "presence_rate"): (BY_WOMAN, "attendances listed"),
    ("I09", "weeks_between"): (None, "group sessions with one before"),
    ("I13", "paid_per_woman"): (None, SUPPORTED),
    ("I13", "declared_per_woman"): (None, SUPPORTED),
    ("I13", "paid_per_place"): (None, PLACES_SUPPORTED),
    ("I13", "declared_per_place"): (None, PLACES_SUPPORTED),
}
# What a whole is the sum of, besides the parts of it that are told.
_SUMS = {
    "goals": ("goals ", "goals in "),
    "goals reached": ("goals reached, ", "goals reached in "),
    EXITS: ("exits: ",),
    FOLLOW_UPS: ("follow-ups: ",),
    "referrals": ("referrals in ",),
    "referrals closed": ("referrals closed, ", "referrals closed in "),
    "women: employment": ("women: employment ",),
    "women: education": ("women: education ",),
    "women: age": ("women: age ",),
    "facts unmatched": ("facts unmatched: ",),
    "women unpaired": ("women unpaired: ",),
    "D03  numerator": ("D03 family ", " numerator"),
    "D03  denominator": ("D03 family ", " denominator"),
}
_GOAL_OUTCOMES = ("goals reached", "goals abandoned", "goals open")


def counts_of(figure: Figure, indicators: Mapping[str, Indicator]) -> Counts:
    """The counts that a figure shows where it is shown."""
    if counts_no_person(figure):
        return Counts(None, None)
    level = figure.level
    value = figure.by.get(level, "")
    key, _, category = figure.part.partition("=")
    named = _MEASURES.get((figure.code, category)) or _NAMED.get((figure.code, key))
    if named is None:
        own = f"{figure.code} {key} {category}"
        kind = indicators[figure.code].section_of(figure.part).kind
        named = (
            None if kind in ("median", "mean", "paired") else f"{own} numerator",
            None if kind in ("count", "sum") else f"{own} denominator",
        )
    numerator, denominator = (None if name is None else Count(name.format(category), level, value) for name in named)
    return Counts(numerator, denominator)


def sums(concepts: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Each whole with the parts that add up to it, of the concepts that there are."""
    known = set(concepts)
    found = []
    for whole, (start, *more) in _SUMS.items():
        if whole.startswith("D03"):
            parts = [name for name in concepts if name.startswith(start) and name.endswith(more[0])]
            found.append((whole, parts))
            continue
        for prefix in (start, *more):
            parts = [name for name in concepts if name.startswith(prefix) and len(name) > len(prefix)]
            if whole == "goals" and prefix == "goals ":
                parts = [name for name in _GOAL_OUTCOMES if name in known]
            found.append((whole, parts))
    reasons = [name for name in concepts if name.startswith("exits: ")]
    into = [f"exits: {reason}" for reason in INTO]
    found.append((INTO_WORK, [name for name in reasons if name in into]))
    found.append((DROP_OUTS, [name for name in reasons if name not in (*into, "exits: completed")]))
    return [(whole, parts) for whole, parts in found if whole in known and parts]
