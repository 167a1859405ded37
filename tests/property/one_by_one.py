"""A history in which facts of every kind come, are corrected and taken back, one by one, where others rest on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from history_defaults import changes, person, scores
from history_ledger import LedgerBuilder

Step = Callable[[], object]


class OneByOne:
    """A ledger to begin with, and what is told then, a leaf a step."""

    def __init__(self) -> None:
        self.ledger = LedgerBuilder()
        self._named: dict[str, str] = {}
        self._places()
        self._women()
        self._groups()

    def told(self) -> dict[str, range]:
        """Record all that is told then; by what it is about, the positions just before each leaf."""
        found: dict[str, range] = {}
        for about in (
            self.of_courses, self.of_groups, self.of_answers, self.of_persons, self.of_enrolments, self.of_places,
        ):  # fmt: skip
            first = len(self.ledger.bodies)
            for step in about():
                step()
            found[about.__name__] = range(first, len(self.ledger.bodies))
        return found

    def _new(self, name: str, kind: str, **payload: Any) -> Step:
        def step() -> None:
            self._named[name] = self.ledger.record(kind, **payload)

        return step

    def _correct(self, name: str, **changed: Any) -> Step:
        return lambda: self.ledger.correct(self._named[name], **changed)

    def _retract(self, name: str) -> Step:
        return lambda: self.ledger.retract(self._named[name])

    def _places(self) -> None:
        for edition in ("2023", "2024"):
            self._new(f"edition {edition}", "edition.opened", edition=edition)()
        for cpas, region in (("alpha", "brussels"), ("beta", "flanders"), ("gamma", "wallonia")):
            self._new(cpas, "cpas.registered", cpas=cpas, region=region)()
        self._new("pact", "consortium.formed", consortium="spp:c1", lead="alpha", members=["alpha", "gamma"])()
        for project, cpas in (("spp:p1", "alpha"), ("spp:p2", "beta"), ("spp:p4", "gamma")):
            self._new(project, "project.approved", project=project, cpas=cpas)()
        self._new("spp:p3", "project.approved", project="spp:p3", cpas="alpha", consortium="spp:c1")()

    def _women(self) -> None:
        # The first is in two CPAS.
        places = (
            ("alpha:w1", "spp:p1", 1), ("alpha:w2", "spp:p1", 2), ("beta:w1", "spp:p2", 1), ("beta:w2", "spp:p2", 4),
            ("gamma:w1", "spp:p3", 3), ("alpha:w3", "spp:p3", 5), ("gamma:w2", "spp:p4", 6),
        )  # fmt: skip
        for name, project, woman in places:
            of = {"participation": name, "project": project}
            self._new(name, "participation.enrolled", person=person(woman), **of)()
            for day in ("2023-10-03", "2023-11-03"):
                self._new(f"{name} {day}", "session.held", occurred_on=day, **of)()
            self._new(f"{name} missed", "session.missed", occurred_on="2023-12-03", **of)()
            self._new(f"{name} start", "assessment.completed", moment="start", scores=scores(4), **of)()
            self._new(f"{name} end", "assessment.completed", moment="end", scores=scores(6), **of)()
            for goal in ("a", "b"):
                self._new(f"{name} {goal}", "goal.set", goal=f"{name}-{goal}", **of)()
            self._new(f"{name} made", "referral.made", referral=f"{name}-r", **of)()
        self._new(
            "ended", "participation.ended", participation="alpha:w2", reason="employment", occurred_on="2023-12-20"
        )()

    def _groups(self) -> None:
        self._new("group", "group.formed", group="alpha:g1", project="spp:p3", consortium="spp:c1")()
        of = {"group": "alpha:g1", "project": "spp:p3"}
        # Who is met in the group alone.
        shy = {"participation": "alpha:w4", "project": "spp:p3", "person": person(7)}
        self._new("alpha:w4", "participation.enrolled", **shy)()
        for name in ("alpha:w3", "gamma:w1", "alpha:w4"):
            self._new(f"{name} joined", "group.joined", participation=name, **of)()
        for day in ("2023-10-10", "2023-10-24"):
            who = {"present": ["alpha:w3", "gamma:w1"], "absent": ["beta:w2"]}
            self._new(day, "groupsession.held", occurred_on=day, **who, **of)()

    def of_courses(self) -> Iterator[Step]:
        """Sessions, ends and follow-ups."""
        one = {"participation": "alpha:w1", "project": "spp:p1"}
        yield self._new("met", "session.held", occurred_on="2023-10-02", **one)
        yield self._correct("met", occurred_on="2023-10-04", duration_minutes=20)
        yield self._retract("met")
        yield self._new("unknown", "session.held", participation="alpha:w9", project="spp:p1")
        yield self._new("stray", "session.held", participation="alpha:w1", project="spp:p9")
        # What was held later does not count then.
        yield self._new(
            "left", "participation.ended", participation="alpha:w1", reason="other", occurred_on="2023-10-20"
        )
        yield self._correct("left", occurred_on="2023-11-20", reason="training")
        yield self._retract("left")
        yield self._new("after", "participation.followed_up", participation="alpha:w2", occurred_on="2024-06-01")
        yield self._correct("after", situation="inactive")
        yield self._retract("after")
        yield self._retract("ended")

    def of_groups(self) -> Iterator[Step]:
        """Members, groups and their sessions."""
        of = {"group": "alpha:g1", "project": "spp:p3"}
        yield self._new("gone", "group.left", participation="gamma:w1", occurred_on="2023-10-12", **of)
        yield self._retract("gone")
        yield self._retract("gamma:w1 joined")
        yield self._new("again", "group.joined", participation="gamma:w1", occurred_on="2023-10-12", **of)
        yield self._correct("again", occurred_on="2023-10-01")
        yield self._correct("group", project="spp:p1")
        yield self._correct("group", project="spp:p3")
        yield self._new("third", "groupsession.held", occurred_on="2023-10-17", present=["beta:w2", "alpha:w4"], **of)
        yield self._correct("third", present=["alpha:w3"], absent=["gamma:w1"])
        yield self._retract("third")
        yield self._retract("group")
        yield self._new("group", "group.formed", **of, consortium="spp:c1")

    def of_answers(self) -> Iterator[Step]:
        """Goals, referrals and assessments."""
        hers = {"participation": "alpha:w1", "project": "spp:p1"}
        yield self._new("reached", "goal.reached", goal="alpha:w1-a", **hers)
        yield self._new("dropped", "goal.abandoned", goal="alpha:w1-b", **hers)
        yield self._new("nearer", "goal.progressed", goal="alpha:w1-b", **hers)
        yield self._correct("alpha:w1 a", domain="training")
        yield self._retract("alpha:w1 b")
        yield self._retract("reached")
        yield self._new("closed", "referral.closed", referral="alpha:w1-r", **hers)
        yield self._correct("closed", outcome="refused_by_partner")
        yield self._correct("alpha:w1 made", domain="training")
        yield self._retract("alpha:w1 made")
        # Her later one in the other CPAS is her last then.
        last = {"participation": "beta:w1", "project": "spp:p2", "occurred_on": "2024-05-01"}
        yield self._correct("beta:w1 end", occurred_on="2024-05-01", changes=changes(housing="better"))
        yield self._retract("beta:w1 end")
        yield self._new("end again", "assessment.completed", moment="end", scores=scores(9), **last)
        yield self._retract("alpha:w1 start")

    def of_persons(self) -> Iterator[Step]:
        """Who is one woman."""
        pair = {"participation": "alpha:w2", "other": "beta:w2"}
        yield self._new("linked", "person.linked", **pair)
        yield self._new("unlinked", "person.unlinked", **pair, occurred_on="2023-10-05")
        yield self._retract("unlinked")
        yield self._new("others", "person.linked", participation="beta:w2", other="gamma:w1")
        yield self._retract("linked")

    def of_enrolments(self) -> Iterator[Step]:
        """Who is enrolled, where and since when."""
        yield self._new("late", "participation.enrolled", participation="alpha:w9", person=person(9))
        yield self._correct("alpha:w1", employment="employed")
        yield self._correct("alpha:w1", person=person(2))
        yield self._correct("alpha:w1", project="spp:p3")
        yield self._correct("gamma:w1", occurred_on="2023-10-15")
        yield self._retract("beta:w1")
        yield self._retract("alpha:w1")

    def of_places(self) -> Iterator[Step]:
        """Projects, who carries them, CPAS, money, the edition."""
        yield self._correct("pact", members=["alpha", "beta"])
        yield self._correct("pact", members=["alpha", "gamma"])
        yield self._retract("pact")
        yield self._correct("gamma", region="brussels")
        yield self._retract("alpha")
        yield self._correct("spp:p2", subsidy=1_00)
        yield self._correct("spp:p3", consortium="spp:c2")
        yield self._new("second", "consortium.formed", consortium="spp:c2", lead="alpha", members=["alpha", "gamma"])
        yield self._correct("spp:p4", edition="2024")
        yield self._correct("spp:p4", edition="2023", cpas="beta")
        yield self._retract("spp:p1")
        yield self._new("spp:p1", "project.approved", project="spp:p1", cpas="alpha")
        yield self._new("spp:p9", "project.approved", project="spp:p9", cpas="alpha", edition="2024")
        yield self._new("paid", "project.payment_made")
        yield self._new("declared", "project.cost_declared")
        yield self._correct("edition 2023", late_after_days=0, starts_on="2023-10-01")
        yield self._correct("edition 2023", eligibility=["living_wage_child_under_six"])
