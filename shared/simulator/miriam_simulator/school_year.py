"""The rhythm of the year: no work at weekends and holidays, little in the school breaks of the community."""

import random

from miriam_simulator.editions import Edition, day

_DAYS_A_WEEK = 7
_SATURDAY = 6  # Monday is day 1 of the proleptic calendar, so ordinal % 7 is 6 on a Saturday and 0 on a Sunday
# How much of what would be planned on a day takes place in a break.
_IN_SUMMER = 0.45
_IN_A_BREAK = 0.35


class SchoolYear:
    """Which days suit, for the CPAS of one language."""

    def __init__(self, edition: Edition, language: str) -> None:
        # The German-speaking community keeps the older calendar, as the Dutch-speaking one does.
        spans = edition.facts["breaks"]["fr" if language == "fr" else "nl"]
        self._quiet: dict[int, float] = {}
        for first, last in spans:
            share = _IN_SUMMER if first[5:7] == "07" else _IN_A_BREAK
            self._quiet.update(dict.fromkeys(range(day(first), day(last) + 1), share))
        self._closed = {day(text) for text in edition.facts["holidays"]}

    def is_working_day(self, ordinal: int) -> bool:
        """Whether the CPAS is open."""
        return 0 < ordinal % _DAYS_A_WEEK < _SATURDAY and ordinal not in self._closed

    def in_break(self, ordinal: int) -> bool:
        """Whether schools are closed."""
        return ordinal in self._quiet

    def open_day(self, ordinal: int) -> int:
        """That day, or the next on which the CPAS is open."""
        while not self.is_working_day(ordinal):
            ordinal += 1
        return ordinal

    def open_day_before(self, ordinal: int) -> int:
        """That day, or the last one before on which the CPAS was open."""
        while not self.is_working_day(ordinal):
            ordinal -= 1
        return ordinal

    def takes_place(self, ordinal: int, rng: random.Random) -> bool:
        """Whether what would be planned on that day is planned: always in term, seldom in a break."""
        share = self._quiet.get(ordinal)
        return share is None or rng.random() < share
