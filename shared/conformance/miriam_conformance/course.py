"""A woman's course and a group's, told with every type that a CPAS emits, in each version that is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from miriam_conformance.maker import Event, Maker
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.codes import MEASURED_DOMAINS
from miriam_contracts.identity import recorded_id

# Invented; its check digits are right. What a test CPAS sends leads to no woman but its own.
_NISS = "90022300149"


def every_type(maker: Maker) -> list[Event]:
    """The events, in an order in which each may follow those before it."""
    return [*_intake(maker), *_sessions(maker), *_groups(maker), *_ending(maker), *_mending(maker)]


def types_missing(events: list[Event]) -> list[str]:
    """The types that a CPAS may emit and that are not among these."""
    return sorted(
        {name for name, each in EVENT_TYPES.items() if "cpas" in each.emitted_by} - {e["type"] for e in events}
    )


def _intake(maker: Maker) -> Iterator[Event]:
    def told(fact: str, day: str, **data: Any) -> Event:
        return maker.of_participation(f"participation.{fact}.v1", f"p1-{fact}", "p-1", occurred_on=day, **data)

    yield told("referred", "2024-01-15", referrer="cpas_service")
    yield told(
        "enrolled",
        "2024-02-05",
        consented_on="2024-02-01",
        eligibility="single_mother_cpas_service",
        employment="unemployed",
        education="upper_secondary",
        children=2,
        language="fr",
        case_manager=maker.own("cm-1"),
        personal={"niss": _NISS, "last_name": "Çonformité", "first_name": "Élodie"},
    )
    yield told("paused", "2024-04-01", reason="family")
    yield told("resumed", "2024-04-15")
    yield told("case_manager_changed", "2024-04-16", case_manager=maker.own("cm-2"))
    yield told("consent_withdrawn", "2024-06-20")
    other = maker.own("p-2")
    first = {"participation": maker.own("p-1"), "other": other, "occurred_on": "2024-05-02"}
    yield maker.event("person.linked.v1", "p1-linked", maker.own("p-1"), first)
    apart = {**first, "occurred_on": "2024-05-03", "reason": "different_women"}
    yield maker.event("person.unlinked.v1", "p1-unlinked", maker.own("p-1"), apart)


def _sessions(maker: Maker) -> Iterator[Event]:
    def told(kind: str, id_: str, day: str, **data: Any) -> Event:
        return maker.of_participation(kind, f"p1-{id_}", "p-1", occurred_on=day, **data)

    manager = maker.own("cm-1")
    yield told(
        "session.held.v1",
        "held-1",
        "2024-02-12",
        session=maker.own("s-1"),
        duration_minutes=50,
        place="cpas",
        theme="housing",
        case_manager=manager,
        personal={"text": 'Elle a dit : « ça va mieux » — 家 🏠 \\ " / end'},
    )
    if "miriam.session.held.v2" in EVENT_TYPES:
        yield told(
            "session.held.v2",
            "held-2",
            "2024-02-26",
            session=maker.own("s-2"),
            duration="PT1H30M",
            place="home",
            themes=["finances", "housing"],
            case_manager=manager,
        )
    yield told("session.missed.v1", "missed-1", "2024-03-11", session=maker.own("s-3"), reason="excused")
    for number, end in ((1, "reached"), (2, "abandoned")):
        goal = maker.own(f"g-{number}")
        yield told("goal.set.v1", f"set-{number}", "2024-02-12", goal=goal, domain="training")
        yield told("goal.progressed.v1", f"progressed-{number}", "2024-03-04", goal=goal, percent=40)
        why = {"evidence": "document"} if end == "reached" else {"reason": "replaced"}
        yield told(f"goal.{end}.v1", f"{end}-{number}", "2024-05-06", goal=goal, **why)
    scores = {domain: {"status": "valid", "score": 5} for domain in MEASURED_DOMAINS}
    yield told(
        "assessment.completed.v1",
        "assessed",
        "2024-02-12",
        assessment=maker.own("a-1"),
        moment="start",
        instrument="miriam-2022",
        scores=scores,
    )
    referral = maker.own("r-1")
    yield told("referral.made.v1", "made", "2024-03-04", referral=referral, domain="health", partner="mental_health")
    yield told("referral.closed.v1", "closed", "2024-04-08", referral=referral, outcome="taken_up")


def _groups(maker: Maker) -> Iterator[Event]:
    def told(kind: str, id_: str, day: str, **data: Any) -> Event:
        return maker.of_group(kind, f"g1-{id_}", "grp-1", occurred_on=day, **data)

    one, two = maker.own("p-1"), maker.own("p-2")
    yield told("group.formed.v1", "formed", "2024-02-01")
    yield told("group.joined.v1", "joined-1", "2024-02-08", participation=one)
    yield told("group.joined.v1", "joined-2", "2024-02-08", participation=two)
    yield told(
        "groupsession.held.v1",
        "met",
        "2024-02-22",
        groupsession=maker.own("gs-1"),
        duration_minutes=150,
        theme="self_confidence",
        case_manager=maker.own("cm-1"),
        present=[one],
        excused=[two],
        absent=[],
    )
    yield told("groupsession.cancelled.v1", "off", "2024-03-07", groupsession=maker.own("gs-2"), reason="too_few")
    yield told("group.left.v1", "left", "2024-06-27", participation=one, reason="completed")
    yield told("group.closed.v1", "ended", "2024-06-28")


def _ending(maker: Maker) -> Iterator[Event]:
    yield maker.of_participation(
        "participation.ended.v1", "p1-ended", "p-1", occurred_on="2024-06-27", reason="completed", certificate=True
    )
    yield maker.of_participation(
        "participation.followed_up.v1", "p1-followed", "p-1", occurred_on="2025-06-26", situation="employed"
    )


def _mending(maker: Maker) -> Iterator[Event]:
    """A correction and a retraction of each family: its fact is told for this alone, so that nothing rests on it."""
    for type_ in sorted(_correcting()):
        yield from _corrected(maker, type_)
    for family, owner, kind in _MENDED:
        *before, first = _facts(maker, kind, f"{family}-undone")
        yield from (*before, first)
        named = recorded_id(owner, maker.source, first["id"])
        data = {
            "retracts": named,
            "supersedes": named,
            "fact": kind.split(".")[1],
            "reason": "duplicate",
            "occurred_on": first["data"]["occurred_on"],
        }
        yield maker.event(f"{family}.retracted.v1", f"{family}-retracted", first["subject"], data)


# Family, its owner, and the fact of it that is told to be mended.
_MENDED = (
    ("participation", "intake", "participation.enrolled.v1"),
    ("person", "intake", "person.linked.v1"),
    ("session", "sessions", "session.missed.v1"),
    ("goal", "sessions", "goal.set.v1"),
    ("assessment", "sessions", "assessment.completed.v1"),
    ("referral", "sessions", "referral.made.v1"),
    ("group", "groups", "group.formed.v1"),
    ("groupsession", "groups", "groupsession.cancelled.v1"),
)


def _correcting() -> list[str]:
    mended = {family for family, _, _ in _MENDED}
    return [name for name, each in EVENT_TYPES.items() if each.fact == "corrected" and each.family in mended]


def _corrected(maker: Maker, type_: str) -> Iterator[Event]:
    family, version = EVENT_TYPES[type_].family, EVENT_TYPES[type_].version
    owner, kind = next((owner, kind) for name, owner, kind in _MENDED if name == family)
    if kind.split(".")[1] not in EVENT_TYPES[type_].payloads:
        # A version of its own corrects the one fact that has one.
        kind = f"{family}.{next(iter(EVENT_TYPES[type_].payloads))}.v{version}"
    *before, first = _facts(maker, kind, f"{family}-wrong-v{version}")
    yield from (*before, first)
    named = recorded_id(owner, maker.source, first["id"])
    mended = {**first["data"], "occurred_on": "2024-01-09"}
    data = {
        "corrects": named,
        "supersedes": named,
        "fact": kind.split(".")[1],
        "reason": "wrong_date",
        "occurred_on": first["data"]["occurred_on"],
        "replacement": mended,
    }
    yield maker.event(f"{family}.corrected.v{version}", f"{family}-corrected-v{version}", first["subject"], data)


def _facts(maker: Maker, kind: str, name: str) -> list[Event]:
    """A fact of its own subject, behind what must stand before it."""
    if kind.startswith("groupsession."):
        formed = maker.of_group("group.formed.v1", f"{name}-formed", f"grp-{name}", occurred_on="2024-01-08")
        return [formed, _fact(maker, kind, name)]
    return [_fact(maker, kind, name)]


def _fact(maker: Maker, kind: str, name: str) -> Event:
    day = "2024-01-10"
    match kind:
        case "participation.enrolled.v1":
            return maker.of_participation(
                kind,
                name,
                f"p-{name}",
                occurred_on=day,
                consented_on="2024-01-02",
                eligibility="single_mother_cpas_service",
                employment="inactive",
                education="tertiary",
                children=1,
                language="nl",
                case_manager=maker.own("cm-1"),
            )
        case "person.linked.v1":
            subject = maker.own(f"p-{name}")
            data = {"participation": subject, "other": maker.own("p-2"), "occurred_on": day}
            return maker.event(kind, name, subject, data)
        case "session.missed.v1":
            return maker.of_participation(
                kind, name, f"p-{name}", occurred_on=day, session=maker.own(f"s-{name}"), reason="no_show"
            )
        case "session.held.v2":
            return maker.of_participation(
                kind,
                name,
                f"p-{name}",
                occurred_on=day,
                session=maker.own(f"s-{name}"),
                duration="PT45M",
                place="phone",
                themes=["health"],
                case_manager=maker.own("cm-1"),
            )
        case "goal.set.v1":
            return maker.of_participation(
                kind, name, f"p-{name}", occurred_on=day, goal=maker.own(f"g-{name}"), domain="mobility"
            )
        case "assessment.completed.v1":
            scores = {domain: {"status": "not_answered"} for domain in MEASURED_DOMAINS}
            return maker.of_participation(
                kind,
                name,
                f"p-{name}",
                occurred_on=day,
                assessment=maker.own(f"a-{name}"),
                moment="start",
                instrument="miriam-2022",
                scores=scores,
            )
        case "referral.made.v1":
            return maker.of_participation(
                kind,
                name,
                f"p-{name}",
                occurred_on=day,
                referral=maker.own(f"r-{name}"),
                domain="health",
                partner="legal",
            )
        case "group.formed.v1":
            return maker.of_group(kind, name, f"grp-{name}", occurred_on=day)
        case _:
            return maker.of_group(
                kind, name, f"grp-{name}", occurred_on=day, groupsession=maker.own(f"gs-{name}"), reason="other"
            )
