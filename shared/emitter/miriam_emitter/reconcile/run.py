"""The reconciliation: every promise of a receipt proved in the ledger, and every leaf under our name one of ours."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from miriam_emitter.keys import PublicKeys
from miriam_emitter.receipts import Unverified, verify
from miriam_emitter.reconcile.asking import Listed, Reporting
from miriam_emitter.reconcile.believing import Believed, NotCosigned, continues, extends, newest
from miriam_emitter.reconcile.papers import PAGE, Paper, Papers, promises
from miriam_emitter.reconcile.result import Kind, Reconciled
from miriam_emitter.settings import Settings
from miriam_transparency.log import Inclusion, LogRefused
from miriam_transparency.merkle import ProofError, verify_inclusion
from miriam_transparency.notes import COSIGNATURE, VerifierKey

_TURN_SECONDS = 0.3
# What a log answers that has fewer leaves than it signed, or finds itself damaged.
BEYOND, TAMPERED = 404, 500
Number = tuple[str, int]  # a service, and its number of an event


@dataclass(frozen=True, slots=True)
class Promise:
    """What a receipt promises of one event: that it stands in the ledger under this number, with this leaf hash."""

    id: str
    service: str
    sequence: int
    leaf: str
    received_at: str

    @property
    def number(self) -> Number:
        """Under which the ledger knows it."""
        return self.service, self.sequence


def reconcile(
    settings: Settings,
    keys: Sequence[VerifierKey],
    *,
    reporting: Reporting | None = None,
    wait: float = 0.0,
    patience: float = 300.0,
    tell: Callable[[int], None] | None = None,
) -> Reconciled:
    """Compare what the emitter keeps with the ledger, on the strength of `keys` alone.

    `wait` seconds are given to what is on its way; a promise older than `patience` seconds that the ledger has not
    taken is a difference. `tell` is called with the number of promises just looked at. Nothing is sent, and the
    emitter may go on emitting.

    Raises SpoolError, NotConfigured, NotCosigned where there is nothing to prove against, LogUnreachable or LogRefused.
    """
    reporting = reporting or Reporting(settings.reporting_url, settings.reading_token)
    found = Reconciled(settings.source)
    with Papers(settings.spool) as papers:
        try:
            believed = _cosigned(reporting, keys, wait)
        except NotCosigned:
            if (size := papers.largest_seen()) is None:
                raise
            found.tell(Kind.LOG, f"it shows no cosigned head any more, and one of {size} leaves was seen before")
            return found
        _note(believed, found)
        if not continues(reporting, believed, papers, found):
            # Of a log that is not the one that was seen, no proof is worth anything.
            return found
        work = _Work(settings, reporting, papers, believed, found)
        for page in papers.promises():
            late = work.prove(work.promised(page))
            work.waiting += late
            if tell is not None:
                tell(len(page))
        work.wait(keys, wait)
        work.judge_the_rest(patience)
        work.listed()
        if not found.counts[Kind.LOG]:
            papers.remember(work.believed.head.origin, str(work.believed.note))
    return found


class _Work:
    """One reconciliation under way. `waiting` are promises that are not proved, and not broken either."""

    def __init__(
        self, settings: Settings, reporting: Reporting, papers: Papers, believed: Believed, found: Reconciled
    ) -> None:
        self.believed = believed
        self.waiting: list[Promise] = []
        self._settings = settings
        self._keys = PublicKeys(settings.keys_dir)
        self._reporting = reporting
        self._papers = papers
        self._found = found
        self._proved: set[Number] = set()
        self._unprovable: list[Promise] = []

    def promised(self, page: Iterable[Paper]) -> list[Promise]:
        """The promises of receipts whose signature is good; the others are told."""
        made = []
        for paper in page:
            self._found.receipts += 1
            try:
                receipt = verify(paper.content, self._settings.source, self._keys)
                if (receipt.id, receipt.outcome) != (paper.id, paper.outcome):
                    raise Unverified("a receipt that answers something else")
            except Unverified as problem:
                self._found.tell(Kind.SIGNATURE, str(problem), paper.id)
                continue
            events = paper.content.get("events") or []
            if not events:
                self._found.tell(Kind.SIGNATURE, "a receipt that names no recorded event", paper.id, receipt.service)
            for event in events:
                made.append(Promise(paper.id, receipt.service, event["sequence"], event["leaf"], paper.received_at))
        self._found.events += len(made)
        return made

    def prove(self, made: Sequence[Promise]) -> list[Promise]:
        """Prove promises under the head; answer those that the log does not have there."""
        missing: list[Promise] = []
        head = self.believed.head
        for start in range(0, len(made), PAGE):
            part = made[start : start + PAGE]
            given = self._inclusions(part, head.size)
            if given is None:
                self._unprovable += part
                continue
            for promise in part:
                inclusion = given[promise.number]
                if inclusion is None:
                    missing.append(promise)
                else:
                    self._check(promise, inclusion)
        return missing

    def _inclusions(self, part: Sequence[Promise], size: int) -> dict[Number, Inclusion | None] | None:
        """What the log says of promises; None where it cannot make their proofs, for leaves of it are missing."""
        try:
            return self._reporting.inclusions({each.number for each in part}, size)
        except LogRefused as refused:
            # At the size of a head that the log itself signed, it has no excuse.
            if refused.status not in (BEYOND, TAMPERED):
                raise
            if not self._found.counts[Kind.LOG]:
                self._found.tell(Kind.LOG, f"it cannot prove what it holds: {refused}")
            return None

    def _check(self, promise: Promise, inclusion: Inclusion) -> None:
        head = self.believed.head
        if inclusion.leaf.hex() != promise.leaf:
            self._tell(Kind.DIFFERS, "the leaf under its number is another than the receipt's", promise)
            return
        try:
            verify_inclusion(inclusion.leaf, inclusion.position - 1, head.size, inclusion.proof, head.root)
        except ProofError as problem:
            self._tell(Kind.UNPROVED, str(problem), promise)
            return
        self._proved.add(promise.number)
        self._found.proved += 1

    def wait(self, keys: Sequence[VerifierKey], seconds: float) -> None:
        """Give what is on its way some time: newer heads are fetched until all is proved, or the time is over."""
        end = time.monotonic() + seconds
        while self.waiting and time.monotonic() < end:
            time.sleep(min(_TURN_SECONDS, max(end - time.monotonic(), 0.0)))
            try:
                believed = newest(self._reporting, keys)
            except NotCosigned:
                continue
            if believed.head.size <= self.believed.head.size:
                continue
            if not extends(self._reporting, self.believed.head, believed.head, self._found):
                return
            self.believed = believed
            _note(believed, self._found)
            self.waiting = self.prove(self.waiting)

    def judge_the_rest(self, patience: float) -> None:
        """Of what is not under the head: is it on its way, or did the ledger go on without it?"""
        if not self.waiting:
            return
        # What it says of itself is unproved, but it would only accuse itself by saying too much.
        numbers = self._reporting.head().sources
        # Asked after the numbers: whatever these count stands among so many leaves, however fast the ledger grows.
        position = self._reporting.head().position
        limit = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=patience)).isoformat(timespec="seconds")
        for start in range(0, len(self.waiting), PAGE):
            part = self.waiting[start : start + PAGE]
            beyond = self._inclusions(part, position)
            if beyond is None:
                self._unprovable += part
                continue
            for promise in part:
                inclusion = beyond[promise.number]
                if inclusion is not None and inclusion.leaf.hex() != promise.leaf:
                    self._tell(Kind.DIFFERS, "the leaf under its number is another than the receipt's", promise)
                elif inclusion is None and promise.sequence <= numbers.get(promise.service, 0):
                    self._tell(Kind.LOST, "the ledger holds later events of the service, and not this one", promise)
                elif promise.received_at < limit:
                    self._tell(Kind.LATE, f"promised at {promise.received_at}, and under no cosigned head", promise)
                else:
                    self._found.on_their_way += 1

    def listed(self) -> None:
        """Walk over what stands under our name: each must be an event that was emitted from here."""
        seen: set[Number] = set()
        after: int | None = 0
        while after is not None:
            page, after = self._reporting.under_our_name(self._settings.kind, self._settings.id, after)
            ours = self._papers.emitted([each.id for each in page])
            strays = self._papers.strays([each.id for each in page if each.id not in ours])
            for each in page:
                self._found.listed += 1
                seen.add((each.source, each.sequence))
                if each.id in ours:
                    self._judge(each, ours[each.id])
                elif each.id in strays:
                    self._invented(each, "an earlier spool of ours sent it, or somebody who has our password")
                else:
                    self._invented(each, "it stands under our name, and was never emitted from here")
        self._found.unlisted = len(self._proved - seen)
        for promise in self._unprovable:
            # It stands there without a proof, or not even that.
            if promise.number in seen:
                self._tell(Kind.UNPROVED, "the log cannot make its proof", promise)
            else:
                self._tell(Kind.LOST, "the log can neither prove nor show it", promise)

    def _judge(self, each: Listed, paper: Paper | None) -> None:
        if paper is None or paper.outcome == "parked":
            self._found.unanswered += 1
        elif not promises(paper):
            self._invented(each, "it stands under our name, and was refused by its receipt")
        else:
            promised = {(event["sequence"], event["leaf"]) for event in paper.content.get("events") or []}
            if paper.content.get("service") != each.source or (each.sequence, each.leaf) not in promised:
                self._invented(each, "it stands under our id, and is not what its receipt promises")

    def _invented(self, each: Listed, what: str) -> None:
        self._found.tell(Kind.INVENTED, f"{what} (position {each.position})", each.id, each.source, each.sequence)

    def _tell(self, kind: Kind, what: str, promise: Promise) -> None:
        self._found.tell(kind, what, promise.id, promise.service, promise.sequence)


def _cosigned(reporting: Reporting, keys: Sequence[VerifierKey], wait: float) -> Believed:
    """The newest cosigned head; a log that was just begun is given time to have one."""
    end = time.monotonic() + wait
    while True:
        try:
            return newest(reporting, keys)
        except NotCosigned:
            if time.monotonic() >= end:
                raise
            time.sleep(_TURN_SECONDS)


def _note(believed: Believed, found: Reconciled) -> None:
    witnesses = [each for each in believed.signed if each.key.kind == COSIGNATURE]
    found.origin, found.size, found.root = believed.head.origin, believed.head.size, believed.head.root.hex()
    found.cosigned_by = tuple(each.key.name for each in witnesses)
    found.cosigned_at = max((each.time or 0 for each in witnesses), default=None)
