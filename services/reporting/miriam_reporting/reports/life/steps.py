"""The steps of a report's life: draft, sign, publish or restate, reopen. Each is judged, recorded, a leaf, or is not.

Two who take a step of one report at once: the second reads again and decides again, so no step rests on what is gone.
Every function needs a connection outside a transaction (READ COMMITTED), and leaves it so.
"""

from collections.abc import Callable, Mapping
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.problems import Problem
from miriam_platform.times import brussels_day, now
from miriam_reporting.reports.as_of import HEAD, AsOf
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.life import archive, drafting, events
from miriam_reporting.reports.life.digests import figures_text
from miriam_reporting.reports.life.domain import NONE, PUBLISHED, Life, life, without_draft
from miriam_reporting.reports.life.errors import MovedOn, Refused, UnknownReport, Untrue
from miriam_reporting.reports.life.events import Step, read_all, read_report
from miriam_reporting.reports.life.trust import Trust, cosigned
from miriam_reporting.reports.withholding import keeping

_TRIES = 10


class NameTheReport(ReportError):
    """Which report is meant cannot be known: it must be named."""

    code = "name_the_report"


def draft(connection: Connection, edition: str, actor: str, asked: AsOf = HEAD, report: str | None = None) -> Step:
    """Draft the report of an edition at a position, by the definitions of this code.

    Without `report`: the edition's open report, or its first, `<edition>-r1`. Raises NameTheReport where it has
    published ones alone, Refused, UnknownEdition, PositionBeyondHead.
    """
    made = drafting.content(connection, edition, asked.position, current())

    def step() -> Step:
        moment = now()
        with connection:
            name = report or _report_of(connection, edition)
            known = read_report(connection, name)
            told = drafting.told(connection, made)
            archive.keep_definitions(connection, made.definitions)
            own = {each["cpas"]: (each["digest"], made.own_text(each["cpas"])) for each in told["signers"]}
            archive.keep_own(connection, edition, own)
            data = {"report": name, "edition": edition, "occurred_on": brussels_day(moment), "actor": actor, **told}
            return events.record(connection, known, "drafted", data, moment)

    return _again(step)


def sign(connection: Connection, report: str, cpas: str, key: str, signature: str) -> Step:
    """Record a CPAS's signature over its figures of the open draft; `key` and `signature` in base64url.

    Raises UnknownReport, Refused.
    """

    def step() -> Step:
        moment = now()
        with connection:
            known = read_report(connection, report)
            state = _known(connection, report, known.state)
            if problems := [*without_draft(state)]:
                raise Refused(problems)
            assert state.draft is not None
            # Of a CPAS that is to sign nothing the rules refuse any digest.
            asked = state.signer(cpas) or {"digest": state.draft["digest"]}
            data = {
                "report": report,
                "edition": state.edition,
                "occurred_on": brussels_day(moment),
                "actor": f"cpas.{cpas}",
                "cpas": cpas,
                "position": state.draft["position"],
                "digest": asked["digest"],
                "key": key,
                "signature": signature,
            }
            return events.record(connection, known, "signed", data, moment)

    return _again(step)


def publish(
    connection: Connection,
    report: str,
    actor: str,
    trust: Trust,
    unsigned_reason: str | None = None,
    restated_because: str | None = None,
    looked_at: tuple[int, str] | None = None,
) -> Step:
    """Publish the open draft, or restate what was published before, after computing it again.

    `unsigned_reason` says why it is published although signatures are missing; it is left out where none is.
    What is published is the draft that stood at the call, or the one of the position and digest in `looked_at`:
    another that is made meanwhile is refused, not published unseen.
    Raises UnknownReport, Refused, NotCosigned, and Untrue where the report does not come out as it was drafted.
    """
    seen: list[Mapping[str, Any]] = []

    def step() -> Step:
        with connection:
            state = _known(connection, report, read_report(connection, report).state)
            if problems := [*without_draft(state)]:
                raise Refused(problems)
            assert state.draft is not None
            seen.append(state.draft)
            other = looked_at not in (None, (state.draft["position"], state.draft["digest"]))
            if other or state.draft != seen[0]:
                raise Refused([Problem("publication_of_another_draft", "data/position", str(state.draft["position"]))])
            definitions = archive.definitions(connection, report, state.draft["definitions"])
        made = drafting.content(connection, state.edition, state.draft["position"], definitions)
        withheld = keeping.solved(connection, state.edition, made.position, definitions, made.figures)
        moment = now()
        with connection:
            _as_drafted(drafting.told(connection, made), state.draft)
            known = read_report(connection, report)
            unsigned = life(known.state).unsigned
            data = {
                "report": report,
                "edition": state.edition,
                "occurred_on": brussels_day(moment),
                "actor": actor,
                **{name: state.draft[name] for name in ("position", "root", "digest")},
                "checkpoint": cosigned(connection, made.position, made.root, trust),
                "definitions": definitions.listing,
                "unsigned": unsigned,
            }
            if unsigned and unsigned_reason:
                data["unsigned_reason"] = unsigned_reason
            name = "published"
            if restated_because is not None:
                name, data["reason"] = "restated", restated_because
            done = events.record(connection, known, name, data, moment)
            archive.keep_publication(connection, done.event_id, data, figures_text(made.figures))
            if not keeping.keep(connection, done.event_id, withheld):
                raise MovedOn(report)
            return done

    return _again(step)


def reopen(connection: Connection, report: str, actor: str, reason: str) -> Step:
    """Reopen a published report, so that it can be drafted again. Raises UnknownReport, Refused."""

    def step() -> Step:
        moment = now()
        with connection:
            known = read_report(connection, report)
            state = _known(connection, report, known.state)
            data = {
                "report": report,
                "edition": state.edition,
                "occurred_on": brussels_day(moment),
                "actor": actor,
                "reason": reason,
            }
            return events.record(connection, known, "reopened", data, moment)

    return _again(step)


def _report_of(connection: Connection, edition: str) -> str:
    of_edition = {
        name: found for name, read in read_all(connection).items() if (found := life(read.state)).edition == edition
    }
    still_open = [name for name, found in of_edition.items() if found.status != PUBLISHED]
    if still_open:
        return still_open[-1]
    if of_edition:
        newest = [*of_edition][-1]
        raise NameTheReport(f"{newest} is published: reopen it, or name a further report of {edition}", (newest,))
    return f"{edition}-r1"


def _known(connection: Connection, report: str, state: Any) -> Life:
    found = life(state)
    if found.status == NONE:
        raise UnknownReport(report, [*read_all(connection)])
    return found


def _as_drafted(told: Mapping[str, Any], drafted: Mapping[str, Any]) -> None:
    other = [name for name, value in told.items() if drafted[name] != value]
    if other:
        raise Untrue(
            f"{drafted['report']} does not come out at position {drafted['position']} as it was drafted:"
            f" {', '.join(other)}; draft it again, and find out why (`miriam audit verify`, `projections rebuild`)"
        )


def _again(step: Callable[[], Step]) -> Step:
    for _ in range(_TRIES - 1):
        try:
            return step()
        except MovedOn:
            continue
    return step()
