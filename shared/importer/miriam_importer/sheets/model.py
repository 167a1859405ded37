"""What a sheet is: its columns with what the contracts say of them, and by what a row is known again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES, EventType
from miriam_contracts.codes import CORRECTION_REASONS
from miriam_contracts.families.participation import NationalNumber
from miriam_contracts.fields import Code, Day, Flag, Int, OtherId, OwnId, Part, Text
from miriam_contracts.instruments import INSTRUMENTS
from miriam_importer import words

YES_NO = ("true", "false")
PRESENCE = ("present", "excused", "absent")
NOTED_ON, CORRECTION, WITHDRAW, FACT = "noted_on", "correction", "withdraw", "fact"
OWN = (NOTED_ON, CORRECTION, WITHDRAW)
ANSWERS = ("status", "number", "why")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is the path of its field below `data`, or the name of a column that is ours.

    `kind` is one of: own_id, other_id, code, yes_no, whole, minutes, percent, score, date, text, niss. `used_by` are
    the facts of the sheet that may fill it, `needed_by` those that must. `words` names the list of its `choices`.
    """

    key: str
    kind: str
    used_by: tuple[str, ...]
    needed_by: tuple[str, ...] = ()
    meaning: str = ""
    words: str = ""
    choices: tuple[str, ...] = ()
    lowest: int = 0
    highest: int = 0

    @property
    def bounds(self) -> str:
        """What a number or the length of a text may be: `1..720`."""
        return f"{self.lowest}..{self.highest}"

    @property
    def personal(self) -> bool:
        """Whether it may name somebody."""
        return self.key.startswith("personal/")

    def heading(self, language: str) -> str:
        """Its heading."""
        return words.heading(self.key, language)

    def word(self, code: str, language: str) -> str:
        """The word of one of its codes."""
        return words.words_of(self.words, (code,))[code][language]

    def choice(self, language: str) -> list[str]:
        """What may be chosen from, in words; numbers before words where both stand."""
        found = [self.word(code, language) for code in self.choices]
        return [*map(str, range(self.lowest, self.highest + 1)), *found] if self.kind == "score" else found


@dataclass(frozen=True)
class Sheet:
    """A sheet: facts of one family, a row each, unless `gathered` says that the rows under one key are one fact.

    `fields` are the keys of its columns in their order. `keys` say, for each fact, by which columns a row is known
    again: they, and they alone, make the id of its event. `gathered` names the column that sorts participations into
    lists. `derived` are the fields that are not typed: the field -> the column whose value is its id.
    """

    kind: str
    family: str
    facts: tuple[str, ...]
    fields: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    gathered: str = ""
    derived: Mapping[str, str] = field(default_factory=dict)

    def type_of(self, fact: str) -> EventType:
        """The type of event of one of its facts."""
        return EVENT_TYPES[f"miriam.{self.family}.{fact}.v1"]

    @property
    def subject(self) -> str:
        """The column whose id is the subject of its events."""
        return self.type_of(self.facts[0]).subject_field

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, those of ours last."""
        return tuple(self._column(key) for key in (*self.fields, *OWN))

    @cached_property
    def by_key(self) -> Mapping[str, Column]:
        """Its columns by their key."""
        return {column.key: column for column in self.columns}

    def column_of(self, path: str) -> Column | None:
        """The column to which a problem's field belongs; None where there is none, as for an attribute of ours."""
        wanted = {"subject": self.subject, "type": FACT}.get(
            path, path.removeprefix("data/").removeprefix("replacement/")
        )
        if self.gathered and wanted.partition("/")[0] in PRESENCE:
            wanted = "participation"
        wanted = self.derived.get(wanted, wanted)
        for key in self._prefixes(wanted):
            if key in self.by_key:
                return self.by_key[key]
        return next((column for column in self.columns if column.key.startswith(f"{wanted}/")), None)

    @staticmethod
    def _prefixes(path: str) -> Iterator[str]:
        parts = path.split("/")
        for end in range(len(parts), 0, -1):
            yield "/".join(parts[:end])

    def _column(self, key: str) -> Column:
        if key == FACT:
            return Column(key, "code", self.facts, self.facts, words=f"facts.{self.family}", choices=self.facts)
        if key == NOTED_ON:
            return Column(key, "date", self.facts)
        if key == CORRECTION:
            return Column(key, "code", self.facts, words="correction_reasons", choices=CORRECTION_REASONS)
        if key == WITHDRAW:
            return Column(key, "yes_no", self.facts, words="yes_no", choices=YES_NO)
        if key == self.gathered:
            return Column(key, "code", self.facts, self.facts, words="presence", choices=PRESENCE)
        return self._of_the_contract(key)

    def _of_the_contract(self, key: str) -> Column:
        found = {fact: each for fact in self.facts if (each := self.field_of(fact, key)) is not None}
        if not found:
            raise ValueError(f"no fact of {self.kind} has a field {key}")
        used = tuple(found)
        top, _, inner = key.partition("/")
        # A block that may be left out asks for nothing; what stands in one that may not, must be filled in.
        needed = tuple(
            fact for fact, each in found.items() if each.required and (not inner or self.field_of(fact, top).required)
        )
        one = next(iter(found.values()))
        return Column(key, used_by=used, needed_by=needed, meaning=str(one.metadata["meaning"]), **_limits(key, one))

    def field_of(self, fact: str, key: str) -> Any:
        """The contract's field behind a column of a fact; None where the fact has none."""
        event_type = self.type_of(fact)
        fields: Mapping[str, Any] = event_type.payloads[""].fields
        top, _, inner = key.partition("/")
        if self.gathered and key == "participation":
            return fields[PRESENCE[0]].inner
        if not inner:
            return fields.get(top)
        if top == "personal":
            block = event_type.personal.get("")
            return block().fields.get(inner) if block else None
        part = fields.get(top)
        return part.schema.fields.get(inner) if isinstance(part, Part) else None


def _limits(key: str, one: Any) -> dict[str, Any]:
    """Kind, choices and bounds of a column, as its field has them."""
    if isinstance(one, NationalNumber):
        return {"kind": "niss"}
    if isinstance(one, OwnId) or (isinstance(one, OtherId) and key == "participation"):
        return {"kind": "own_id"}
    if isinstance(one, OtherId):
        return {"kind": "other_id"}
    if isinstance(one, Code):
        return {"kind": "code", "choices": one.choices, "words": words.list_of(one.choices)}
    if isinstance(one, Flag):
        return {"kind": "yes_no", "choices": YES_NO, "words": "yes_no"}
    if isinstance(one, Int):
        kind = {"duration_minutes": "minutes", "percent": "percent"}.get(key, "whole")
        return {"kind": kind, "lowest": one.lowest, "highest": one.highest}
    if isinstance(one, Day):
        return {"kind": "date"}
    if isinstance(one, Text):
        return {"kind": "text", "lowest": 1, "highest": one.longest}
    if isinstance(one, Part):
        status: Any = one.schema.fields["status"]
        scales = INSTRUMENTS.values()
        return {
            "kind": "score",
            "choices": tuple(code for code in status.choices if code != "valid"),
            "words": "answer_status",
            "lowest": min(scale.lowest for scale in scales),
            "highest": max(scale.highest for scale in scales),
        }
    raise TypeError(f"a column cannot hold {key}: {type(one).__name__}")
