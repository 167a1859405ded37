"""Questionnaires as data: which domains they measure and on which scale. An edition names the one it uses."""

from dataclasses import dataclass

from miriam_contracts import codes


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire: `domains` are asked at the start and at the end, each answered from `lowest` to `highest`."""

    id: str
    domains: tuple[str, ...]
    lowest: int
    highest: int


_ALL = (
    Instrument("miriam-2020", codes.MEASURED_DOMAINS, 0, 10),
    Instrument("miriam-2022", codes.MEASURED_DOMAINS, 0, 10),
)
INSTRUMENTS = {instrument.id: instrument for instrument in _ALL}
