"""Who says that two participations are of one woman: the data protection officer, or the CPAS that holds both."""

from miriam_simulator.diary import Diary, at
from miriam_simulator.editions import DPO, iso
from miriam_simulator.plan import Link

_OFFICE = 10 * 3600


def officer() -> Diary:
    """The diary of the data protection officer, empty."""
    return Diary("dpo", DPO)


def link(diary: Diary, made: Link) -> None:
    """Note a link, and its end where it turned out wrong."""
    pair = {"participation": made.first.id, "other": made.second.id}
    local = f"{_plain(made.first.id)}-is-{_plain(made.second.id)}"
    noted = at(made.made, _OFFICE)
    linked = diary.note(
        "person.linked", f"{local}-linked", made.first.id, {**pair, "occurred_on": iso(made.made)}, noted=noted
    )
    if made.undone is not None:
        data = {**pair, "occurred_on": iso(made.undone), "reason": "different_women"}
        diary.note(
            "person.unlinked", f"{local}-unlinked", made.first.id, data, noted=at(made.undone, _OFFICE), after=linked
        )


def _plain(participation: str) -> str:
    return participation.replace(":", ".")
