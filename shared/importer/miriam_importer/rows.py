"""From the rows of a table to facts: what each row says, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import ValidationError

from miriam_contracts.catalogue import flatten
from miriam_contracts.fields import Part
from miriam_contracts.problems import Problem
from miriam_emitter.events import problems as contract_problems
from miriam_emitter.settings import Settings
from miriam_importer import cells, gathering, problems
from miriam_importer.ids import row_id
from miriam_importer.problems import Trouble
from miriam_importer.reading.grid import Row
from miriam_importer.reading.table import Table
from miriam_importer.sheets.model import CORRECTION, FACT, NOTED_ON, OWN, WITHDRAW, Sheet


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact out of a row, or of several rows. `event` is its short form; `rows` are their numbers.

    `reason` is why it is corrected or withdrawn, where that column is filled in. `women` are the rows of those who are
    in one list or another.
    """

    rows: tuple[int, ...]
    fact: str
    event: dict[str, Any]
    reason: str = ""
    withdraw: bool = False
    women: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of its event."""
        return str(self.event["id"])


@dataclass(frozen=True)
class Drafts:
    """What a table says: facts in the order in which they happened, and the troubles of the rows that say none."""

    found: list[Draft]
    troubles: list[Trouble]


@dataclass(frozen=True)
class Reader:
    """Reads the rows of one table for one CPAS. `today` is the day in Brussels; `project` that of rows without one."""

    table: Table
    settings: Settings
    language: str
    today: str
    project: str = ""

    @property
    def sheet(self) -> Sheet:
        """The sheet that is read."""
        return self.table.sheet

    def read(self) -> Drafts:
        """Every row, each on its own; rows that are one fact together stand or fall together."""
        troubles: list[Trouble] = []
        read: list[tuple[int, dict[str, Any]]] = []
        for number, row in self.table.rows:
            values, found = self._values(number, row)
            troubles += found
            read.append((number, values))
        broken = {trouble.row for trouble in troubles}
        if self.sheet.gathered:
            gathered = gathering.gather(self.sheet, read, broken, self.language)
            troubles += gathered.troubles
            together = gathered.found
        else:
            together = [((number,), values, {}) for number, values in read if number not in broken]
        drafts, more = self._drafts(together)
        return Drafts(drafts, sorted(troubles + more, key=lambda trouble: trouble.row))

    def _values(self, number: int, row: Row) -> tuple[dict[str, Any], list[Trouble]]:
        values: dict[str, Any] = {}
        troubles = []
        for key, place in self.table.columns.items():
            column = self.sheet.by_key[key]
            try:
                found = cells.value(column, row[place] if place < len(row) else None, self.settings.id, self.language)
            except cells.CellProblem as problem:
                troubles.append(problems.of_rule(number, column, problem.code, problem.allowed, self.language))
                found = None
            if found is not None:
                values[key] = found
        if self.project:
            values.setdefault("project", self.project)
        facts = self.sheet.facts
        fact = values.get(FACT) if len(facts) > 1 else facts[0]
        for key, found in values.items():
            troubles += self._against_contract(number, key, found, fact)
        wrong = {trouble.column for trouble in troubles}
        for column in self.sheet.columns:
            heading = column.heading(self.language)
            if heading in wrong:
                continue
            if column.key not in values:
                if (fact in column.needed_by) if fact else column.needed_by == facts:
                    troubles.append(problems.of_rule(number, column, "required", "", self.language))
            elif fact and fact not in column.used_by:
                allowed = self.sheet.by_key[FACT].word(fact, self.language)
                troubles.append(problems.of_rule(number, column, "cell_not_used", allowed, self.language))
        return values, troubles

    def _against_contract(self, number: int, key: str, found: Any, fact: str | None) -> list[Trouble]:
        """What the contract has against one value, whatever stands in the other cells of its row."""
        column = self.sheet.by_key[key]
        if column.kind == "score" and not column.lowest <= found.get("score", column.lowest) <= column.highest:
            return [problems.of_rule(number, column, "score_outside_scale", column.bounds, self.language)]
        fields = (self.sheet.field_of(each, key) for each in ([fact] if fact else self.sheet.facts))
        field = next((each for each in fields if each is not None), None)
        try:
            if field is not None and key not in (FACT, *OWN):
                field.deserialize(found)
        except ValidationError as error:
            broken = dict.fromkeys(flatten(error.messages, f"data/{key}"))
            return [problems.of_contract(number, problem, self.sheet, self.language) for problem in broken]
        return []

    def _drafts(
        self, together: Iterable[tuple[tuple[int, ...], dict[str, Any], dict[str, int]]]
    ) -> tuple[list[Draft], list[Trouble]]:
        found: list[Draft] = []
        troubles: list[Trouble] = []
        seen: dict[str, int] = {}
        for rows, values, women in together:
            draft = replace(self._draft(rows, values), women=women)
            known = seen.setdefault(draft.id, rows[0])
            wrong = [] if known == rows[0] else [self._repeated(rows[0], draft, known)]
            wrong += self._wrong(draft, values)
            if wrong:
                troubles += wrong
            else:
                found.append(draft)
        rank = {fact: place for place, fact in enumerate(self.sheet.facts)}
        # In the order of time: a fact that rests on an earlier one must not come before it.
        found.sort(key=lambda draft: (draft.event["data"]["occurred_on"], rank[draft.fact], draft.rows))
        return found, troubles

    def _draft(self, rows: tuple[int, ...], values: Mapping[str, Any]) -> Draft:
        fact = str(values.get(FACT, self.sheet.facts[0]))
        event_type = self.sheet.type_of(fact)
        fields: Mapping[str, Any] = event_type.payloads[""].fields
        # What must be there is there, if only to have what is missing in it named.
        data: dict[str, Any] = {name: {} for name, each in fields.items() if isinstance(each, Part) and each.required}
        for key, value in values.items():
            if key in (FACT, *OWN):
                continue
            holder, _, name = key.rpartition("/")
            (data.setdefault(holder, {}) if holder else data)[name] = value
        for name, source in self.sheet.derived.items():
            data[name] = f"{self.settings.id}:{values[source]}"
        key_values = [str(values[name]) for name in self.sheet.keys[fact]]
        event = {
            "type": event_type.type,
            "id": row_id(self.settings.id, self.sheet.family, fact, key_values),
            "subject": values[self.sheet.subject],
            # Of the row alone, as all of the event: sent from another machine, it is the same.
            "time": f"{values.get(NOTED_ON, values['occurred_on'])}T00:00:00Z",
            "data": data,
        }
        return Draft(rows, fact, event, str(values.get(CORRECTION, "")), bool(values.get(WITHDRAW)))

    def _repeated(self, row: int, draft: Draft, known: int) -> Trouble:
        key = self.sheet.keys[draft.fact][-1]
        return problems.of_rule(row, self.sheet.by_key[key], "row_repeated", str(known), self.language)

    def _wrong(self, draft: Draft, values: Mapping[str, Any]) -> list[Trouble]:
        row = draft.rows[0]
        found = [
            problems.of_contract(row, problem, self.sheet, self.language)
            for problem in contract_problems(draft.event, self.settings)
        ]
        for key in ("occurred_on", NOTED_ON):
            if values.get(key, "") > self.today:
                problem = Problem("in_the_future", f"data/{key}", f"..{self.today}")
                found.append(problems.of_contract(row, problem, self.sheet, self.language))
        if values.get(NOTED_ON, values["occurred_on"]) < values["occurred_on"]:
            problem = Problem("noted_before", f"data/{NOTED_ON}", f"{values['occurred_on']}..")
            found.append(problems.of_contract(row, problem, self.sheet, self.language))
        return list(dict.fromkeys(found))
