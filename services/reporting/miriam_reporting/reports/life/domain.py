"""The rules of a report's life: pure, as in the recording services. A stream is one report.

drafted → signed ... → published → reopened → drafted (again) → signed ... → restated → reopened ...
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from miriam_contracts.canonical import canonical
from miriam_contracts.history import INITIAL, Fact, History, Rule, Standing, decider, evolve
from miriam_contracts.problems import Problem
from miriam_reporting.reports.life.signatures import verifies

NONE, DRAFTED, PUBLISHED, REOPENED = "none", "drafted", "published", "reopened"
_STATUS = {"drafted": DRAFTED, "published": PUBLISHED, "restated": PUBLISHED, "reopened": REOPENED}
# What a publication repeats of the draft that it publishes.
_OF_THE_DRAFT = ("position", "root", "digest")

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Life:
    """Where a report stands.

    status         none, drafted (a draft is open), published, reopened (no draft yet since)
    draft          the newest draft; of a published report the one that was published
    signatures     the newest signature of each CPAS
    publications   each publication, the first one and restatements, in order
    """

    report: str
    edition: str
    status: str
    draft: Data | None
    signatures: Mapping[str, Data]
    publications: Sequence[Standing]

    @property
    def signed(self) -> list[str]:
        """Who signed what the draft says: its digest, with the key registered at its position."""
        return [each["cpas"] for each in self._signers() if _counts(each, self.signatures.get(each["cpas"]))]

    @property
    def unsigned(self) -> list[str]:
        """Whose signature is missing."""
        return [each["cpas"] for each in self._signers() if not _counts(each, self.signatures.get(each["cpas"]))]

    def signer(self, cpas: str) -> Data | None:
        """What the draft says that a CPAS is to sign; None where it is to sign nothing."""
        return next((each for each in self._signers() if each["cpas"] == cpas), None)

    def _signers(self) -> Sequence[Data]:
        return self.draft["signers"] if self.draft else ()


def life(state: History) -> Life:
    """Where the report of this stream stands."""
    status, edition, report = NONE, "", ""
    draft: Data | None = None
    signatures: dict[str, Data] = {}
    publications: list[Standing] = []
    for fact in state.facts.values():
        report, edition = fact.data["report"], fact.data["edition"]
        status = _STATUS.get(fact.name, status)
        if fact.name == "drafted":
            draft = fact.data
        elif fact.name == "signed":
            signatures[fact.data["cpas"]] = fact.data
        elif fact.name in ("published", "restated"):
            publications.append(fact)
    return Life(report, edition, status, draft, signatures, publications)


def drafted(fact: Fact, state: History) -> Iterator[Problem]:
    """By the authority, of one edition for good, unless it is published, and only where something changed."""
    now = life(state)
    yield from _by_the_authority(fact)
    yield from _of_its_edition(fact, now)
    if now.status == PUBLISHED:
        yield Problem("report_is_published", "data/report")
    same = ("position", "root", "definitions", "digest", "signers")
    if now.status == DRAFTED and now.draft and all(now.draft[name] == fact.data[name] for name in same):
        yield Problem("draft_unchanged", "data/position")


def signed(fact: Fact, state: History) -> Iterator[Problem]:
    """By a CPAS that carries a project of the edition, over its figures of the draft, with its registered key."""
    now, data = life(state), fact.data
    if data["actor"] != f"cpas.{data['cpas']}":
        yield Problem("report_actor", "data/actor", f"cpas.{data['cpas']}")
    yield from _of_its_edition(fact, now)
    if now.draft is None or now.status != DRAFTED:
        yield from without_draft(now)
        return
    asked = now.signer(data["cpas"])
    if asked is None:
        yield Problem("signer_unknown", "data/cpas", ", ".join(each["cpas"] for each in now.draft["signers"]))
        return
    if "key" not in asked:
        yield Problem("signing_key_missing", "data/key")
    elif data["key"] != asked["key"]:
        yield Problem("signing_key_differs", "data/key", asked["key"])
    if data["position"] != now.draft["position"]:
        yield Problem("position_of_another_draft", "data/position", str(now.draft["position"]))
    if data["digest"] != asked["digest"]:
        yield Problem("digest_of_other_figures", "data/digest", asked["digest"])
    if not verifies(data["key"], data["signature"], data["edition"], data["cpas"], data["digest"]):
        yield Problem("signature_false", "data/signature")
    elif _counts(asked, now.signatures.get(data["cpas"])):
        yield Problem("already_signed", "data/cpas")


def published(fact: Fact, state: History) -> Iterator[Problem]:
    """By the authority, of the open draft, for the first time; a missing signature needs a reason."""
    now = life(state)
    yield from _by_the_authority(fact)
    yield from _of_its_edition(fact, now)
    if now.publications:
        yield Problem("report_published_before", "data/report")
    yield from _of_the_draft(fact, now)


def restated(fact: Fact, state: History) -> Iterator[Problem]:
    """By the authority, of a draft made since the report was reopened; a missing signature needs a reason."""
    now = life(state)
    yield from _by_the_authority(fact)
    yield from _of_its_edition(fact, now)
    if not now.publications:
        yield Problem("report_not_published", "data/report")
    yield from _of_the_draft(fact, now)


def reopened(fact: Fact, state: History) -> Iterator[Problem]:
    """By the authority, where it is published."""
    now = life(state)
    yield from _by_the_authority(fact)
    yield from _of_its_edition(fact, now)
    if now.status != PUBLISHED:
        yield Problem("report_not_published", "data/report")


def without_draft(now: Life) -> Iterator[Problem]:
    """Why there is no open draft, which signing and publishing need; nothing where there is one."""
    if now.status == PUBLISHED:
        yield Problem("report_is_published", "data/report")
    elif now.status != DRAFTED:
        yield Problem("report_not_drafted", "data/report")


def _by_the_authority(fact: Fact) -> Iterator[Problem]:
    if not str(fact.data["actor"]).startswith("authority."):
        yield Problem("report_actor", "data/actor", "authority.*")


def _of_its_edition(fact: Fact, now: Life) -> Iterator[Problem]:
    if now.status != NONE and fact.data["edition"] != now.edition:
        yield Problem("report_of_another_edition", "data/edition", now.edition)


def _of_the_draft(fact: Fact, now: Life) -> Iterator[Problem]:
    if now.draft is None or now.status != DRAFTED:
        yield from without_draft(now)
        return
    for name in _OF_THE_DRAFT:
        if fact.data[name] != now.draft[name]:
            yield Problem("publication_of_another_draft", f"data/{name}", str(now.draft[name]))
    listing = hashlib.sha256(canonical(fact.data["definitions"])).hexdigest()
    if listing != now.draft["definitions"]:
        yield Problem("publication_of_another_draft", "data/definitions", str(now.draft["definitions"]))
    if fact.data["unsigned"] != now.unsigned:
        yield Problem("publication_of_another_draft", "data/unsigned", ", ".join(now.unsigned))
    if now.unsigned and "unsigned_reason" not in fact.data:
        yield Problem("signatures_missing", "data/unsigned_reason", ", ".join(now.unsigned))


def _counts(asked: Data, signature: Data | None) -> bool:
    # With another key than the registered one it would prove nothing, so a new key asks for a new signature.
    return signature is not None and all(signature[name] == asked.get(name) for name in ("digest", "key"))


RULES: dict[str, Rule] = {
    "report.drafted": drafted,
    "report.signed": signed,
    "report.published": published,
    "report.reopened": reopened,
    "report.restated": restated,
}
decide = decider(RULES)

__all__ = [
    "DRAFTED",
    "INITIAL",
    "NONE",
    "PUBLISHED",
    "REOPENED",
    "RULES",
    "Life",
    "decide",
    "evolve",
    "life",
    "without_draft",
]
