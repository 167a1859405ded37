"""A small history made by hand, and a way to read one figure of it."""

from __future__ import annotations

from typing import Any

from history_defaults import person
from history_ledger import LedgerBuilder
from reporting_database import ReportingDatabase

from miriam_reporting.reports import LEVELS, Explanation, Figure, Report, compute, explain

EDITION = "2023"  # 1 September 2023 to 30 June 2024; a fact is late after 3 days
REGIONS = {"alpha": "brussels", "beta": "flanders", "gamma": "wallonia"}
PROJECTS = {"spp:p1": "alpha", "spp:p2": "beta"}


class History:
    """A ledger with an edition, three CPAS and a project of two of them; tests record what happened on top.

    Unless a test says otherwise, a fact happened on 2 October 2023, in `spp:p1` or in what its participation's CPAS
    carries, and was noted the same day.
    """

    def __init__(self, database: ReportingDatabase, app_url: str) -> None:
        self.database = database
        self.app_url = app_url
        self.ledger = LedgerBuilder()
        self._loaded = 0
        self.fact("edition.opened", edition=EDITION)
        for cpas, region in REGIONS.items():
            self.fact("cpas.registered", cpas=cpas, region=region)
        for project, cpas in PROJECTS.items():
            self.fact("project.approved", project=project, cpas=cpas)

    @property
    def head(self) -> int:
        """Leaves so far."""
        return len(self.ledger.bodies)

    def fact(self, kind: str, **payload: Any) -> str:
        """Record a fact; its first id."""
        owned = str(payload.get("participation", payload.get("group", "")))
        home = next((project for project, cpas in PROJECTS.items() if cpas == owned.partition(":")[0]), None)
        if home and not kind.startswith("person."):
            payload = {"project": home, **payload}
        return self.ledger.record(kind, **payload)

    def enrol(self, *participations: str, on: str = "2023-10-02", **payload: Any) -> None:
        """Enrol a woman of her own in each participation (`alpha:w1` is person 1), unless `woman` numbers one."""
        for participation in participations:
            number = payload.get("woman", int(participation.partition(":w")[2]))
            extra = {name: value for name, value in payload.items() if name != "woman"}
            given = {"participation": participation, "occurred_on": on, "person": person(number), **extra}
            self.fact("participation.enrolled", **given)

    def correct(self, first_id: str, **changes: Any) -> str:
        """Correct a fact; the correction's id."""
        return self.ledger.correct(first_id, **changes)

    def retract(self, first_id: str) -> str:
        """Retract a fact; the retraction's id."""
        return self.ledger.retract(first_id)

    def report(self, as_of: int | None = None, edition: str = EDITION) -> Report:
        """Every figure at every level."""
        self._load()
        return compute(self.database.app, edition, as_of, LEVELS)

    def figure(self, code: str, part: str = "", as_of: int | None = None, **place: str) -> Figure:
        """One figure, of the programme or of `cpas=`, `project=` or `region=`."""
        key, _, value = part.partition("=")
        by = {**place, **({key: value} if key else {})}
        self._load()
        found = compute(self.database.app, EDITION, as_of, LEVELS, [code]).figures
        return next(figure for figure in found if figure.by == by)

    def count(self, code: str, part: str = "", as_of: int | None = None, **place: str) -> tuple[Any, Any, Any, Any]:
        """Numerator, denominator, value, and what was excluded by reason, of one figure."""
        figure = self.figure(code, part, as_of, **place)
        return figure.numerator, figure.denominator, figure.value, dict(figure.excluded or ())

    def explain(self, code: str, *args: Any, **kwargs: Any) -> Explanation:
        """The evidence behind one figure."""
        self._load()
        return explain(self.database.app, EDITION, code, *args, **kwargs)

    def _load(self) -> None:
        if self._loaded != self.head:
            self.database.load(self.ledger.bodies)
            self._loaded = self.head
