"""The rules of a report's life, in three sentences each: given, when, then."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.history import Fact, History
from miriam_contracts.specification import Specification
from miriam_emitter.signing import keys as signing
from miriam_reporting.reports.life.domain import decide, life

_numbers = itertools.count(1)
KEYS = {
    cpas: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(cpas.encode()).digest()) for cpas in ("alpha", "beta")
}
DEFINITIONS = [{"code": "I01", "version": 1, "digest": "1" * 64}]
ROOT = "A" * 43 + "="
report = Specification(decide)


def step(name: str, **data: Any) -> Fact:
    stated = {"report": "2023-r1", "edition": "2023", "occurred_on": "2024-07-01", "actor": "authority.spp", **data}
    kind = f"miriam.report.{name}.v1"
    assert EVENT_TYPES[kind].load(stated) == []
    return Fact("report", name, 1, "/services/reporting", stated["report"], stated, f"e-{next(_numbers)}", "2024-07-01")


def digest(cpas: str, figures: str = "first") -> str:
    return hashlib.sha256(f"{cpas} {figures}".encode()).hexdigest()


def signer(cpas: str, figures: str = "first", key: Ed25519PrivateKey | None = None) -> dict[str, str]:
    return {"cpas": cpas, "digest": digest(cpas, figures), "key": signing.public_half(key or KEYS[cpas])}


def draft(position: int = 10, signers: list[dict[str, str]] | None = None, **more: Any) -> Fact:
    return step(
        "drafted",
        **{
            "position": position,
            "root": ROOT,
            "definitions": hashlib.sha256(canonical(DEFINITIONS)).hexdigest(),
            "digest": f"{position:064x}",
            "signers": [signer("alpha"), signer("beta")] if signers is None else signers,
            **more,
        },
    )


def signed(cpas: str, position: int = 10, figures: str = "first", **more: Any) -> Fact:
    signature = signing.sign(KEYS[cpas], "2023", cpas, digest(cpas, figures))
    return step(
        "signed",
        **{
            "actor": f"cpas.{cpas}",
            "position": position,
            **signer(cpas, figures),
            "signature": signature,
            **more,
        },
    )


def publication(name: str = "published", position: int = 10, unsigned: tuple[str, ...] = (), **more: Any) -> Fact:
    return step(
        name,
        **{
            "position": position,
            "root": ROOT,
            "checkpoint": "a note\n",
            "definitions": DEFINITIONS,
            "digest": f"{position:064x}",
            "unsigned": list(unsigned),
            **more,
        },
    )


def reopened(**more: Any) -> Fact:
    return step("reopened", reason="To look again.", **more)


PUBLISHED = (draft(), signed("alpha"), signed("beta"), publication())


def test_a_report_is_drafted_signed_and_published() -> None:
    report.given(draft(), signed("alpha"), signed("beta")).when(publication()).then_recorded()


def test_a_report_is_drafted_again_at_another_position() -> None:
    report.given(draft(10)).when(draft(20)).then_recorded()


def test_the_same_draft_is_not_recorded_twice() -> None:
    report.given(draft(10)).when(draft(10)).then_refused("draft_unchanged")


def test_a_report_stays_of_its_edition() -> None:
    report.given(draft()).when(draft(20, edition="2024")).then_refused("report_of_another_edition")


@pytest.mark.parametrize(
    "fact", [draft(), publication(), publication("restated", reason="r"), reopened()], ids=lambda fact: fact.name
)
def test_only_an_authority_drafts_publishes_and_reopens(fact: Fact) -> None:
    by_a_cpas = step(fact.name, **{**fact.data, "actor": "cpas.alpha"})
    assert "report_actor" in [problem.code for problem in report.when(by_a_cpas).problems]


def test_a_cpas_signs_in_its_own_name_alone() -> None:
    report.given(draft()).when(signed("alpha", actor="cpas.beta")).then_refused("report_actor")


def test_nothing_is_signed_before_it_is_drafted() -> None:
    report.when(signed("alpha")).then_refused("report_not_drafted")


def test_a_cpas_that_carries_nothing_signs_nothing() -> None:
    report.given(draft(signers=[signer("beta")])).when(signed("alpha")).then_refused("signer_unknown")


def test_a_cpas_without_a_registered_key_cannot_sign() -> None:
    keyless = {name: value for name, value in signer("alpha").items() if name != "key"}
    report.given(draft(signers=[keyless])).when(signed("alpha")).then_refused("signing_key_missing")


def test_another_key_than_the_registered_one_does_not_sign() -> None:
    other = Ed25519PrivateKey.generate()
    report.given(draft(signers=[signer("alpha", key=other)])).when(signed("alpha")).then_refused("signing_key_differs")


def test_other_figures_than_the_drafts_are_not_signed() -> None:
    report.given(draft()).when(signed("alpha", figures="others")).then_refused("digest_of_other_figures")


def test_a_signature_names_the_position_of_the_draft() -> None:
    report.given(draft(10)).when(signed("alpha", 9)).then_refused("position_of_another_draft")


def test_a_signature_of_another_message_is_refused() -> None:
    of_beta = signing.sign(KEYS["alpha"], "2023", "beta", digest("alpha"))
    report.given(draft()).when(signed("alpha", signature=of_beta)).then_refused("signature_false")


def test_the_same_figures_are_signed_once() -> None:
    report.given(draft(), signed("alpha")).when(signed("alpha")).then_refused("already_signed")
    report.given(draft(10), signed("alpha"), draft(20)).when(signed("alpha", 20)).then_refused("already_signed")


def test_a_new_draft_keeps_the_signatures_whose_digest_is_unchanged() -> None:
    other = [signer("alpha"), signer("beta", "other")]
    found = report.given(draft(10), signed("alpha"), signed("beta"), draft(20, other))
    assert life(found.state).signed == ["alpha"]
    found.when(publication(position=20)).then_refused("publication_of_another_draft", "signatures_missing")
    found.given(signed("beta", 20, "other")).when(publication(position=20)).then_recorded()


def test_a_new_draft_drops_the_signature_of_a_key_that_is_registered_no_more() -> None:
    other = [signer("alpha", key=Ed25519PrivateKey.generate()), signer("beta")]
    found = report.given(draft(10), signed("alpha"), signed("beta"), draft(20, other))
    assert life(found.state).unsigned == ["alpha"]


def test_a_missing_signature_needs_a_reason() -> None:
    found = report.given(draft(), signed("alpha"))
    found.when(publication(unsigned=("beta",))).then_refused("signatures_missing")
    found.when(publication(unsigned=("beta",), unsigned_reason="It merged.")).then_recorded()


def test_a_publication_tells_truly_whose_signatures_are_missing() -> None:
    hiding = publication(unsigned_reason="It merged.")
    report.given(draft(), signed("alpha")).when(hiding).then_refused("publication_of_another_draft")


@pytest.mark.parametrize(
    "other", [
        {"position": 11, "digest": f"{10:064x}"}, {"root": "B" * 43 + "="}, {"digest": "0" * 64},
        {"definitions": [{**DEFINITIONS[0], "version": 2}]},
    ],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_what_is_published_is_the_draft(other: dict[str, Any]) -> None:
    drafted = report.given(draft(), signed("alpha"), signed("beta"))
    drafted.when(publication(**other)).then_refused("publication_of_another_draft")


def test_a_report_is_published_once_and_then_only_restated() -> None:
    report.given(*PUBLISHED).when(publication()).then_refused("report_published_before", "report_is_published")
    again = report.given(*PUBLISHED, reopened(), draft(20))
    again.when(publication(position=20)).then_refused("report_published_before")
    again.when(publication("restated", 20, reason="Late facts.")).then_recorded()


def test_nothing_is_drafted_or_signed_while_it_is_published() -> None:
    report.given(*PUBLISHED).when(draft(20)).then_refused("report_is_published")
    report.given(*PUBLISHED).when(signed("alpha")).then_refused("report_is_published")


def test_only_what_is_published_is_reopened() -> None:
    report.given(draft()).when(reopened()).then_refused("report_not_published")
    report.given(*PUBLISHED, reopened()).when(reopened()).then_refused("report_not_published")


def test_only_what_was_published_is_restated() -> None:
    restated = publication("restated", reason="Why not.")
    report.given(draft(), signed("alpha"), signed("beta")).when(restated).then_refused("report_not_published")


def test_a_restatement_needs_a_draft_made_since() -> None:
    restated = publication("restated", reason="Late facts.")
    report.given(*PUBLISHED, reopened()).when(restated).then_refused("report_not_drafted")


FIGURES = ("first", "other")


@dataclass(frozen=True)
class Try:
    """A step that somebody tries: over figures of two kinds at two positions; `careful` looks at the draft first."""

    name: str
    position: int
    of_alpha: str
    of_beta: str
    unsigned: tuple[str, ...]
    careful: bool

    def fact(self, state: History) -> Fact:
        """The step, tried where the report stands so."""
        now = life(state)
        position, unsigned, figures = self.position, self.unsigned, {"alpha": self.of_alpha, "beta": self.of_beta}
        if self.careful and now.draft:
            position, unsigned = now.draft["position"], tuple(now.unsigned)
            kinds = {digest(cpas, kind): kind for cpas in figures for kind in FIGURES}
            figures = {each["cpas"]: kinds[each["digest"]] for each in now.draft["signers"]}
        more = {"unsigned_reason": "It merged."} if unsigned else {}
        match self.name:
            case "alpha" | "beta":
                return signed(self.name, position, figures[self.name])
            case "published":
                return publication("published", position, unsigned, **more)
            case "restated":
                return publication("restated", position, unsigned, reason="Late facts.", **more)
            case "reopened":
                return reopened()
        return draft(self.position, [signer("alpha", self.of_alpha), signer("beta", self.of_beta)])


TRIES = st.builds(
    Try,
    st.sampled_from(("drafted", "alpha", "beta", "published", "restated", "reopened")),
    st.sampled_from((10, 20)),
    st.sampled_from(FIGURES),
    st.sampled_from(FIGURES),
    st.sampled_from(((), ("alpha",), ("beta",), ("alpha", "beta"))),
    st.sampled_from((True, True, True, False)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(TRIES, min_size=8, max_size=30))
def test_whatever_is_tried_what_is_recorded_is_a_life(tried: list[Try]) -> None:
    told: list[Fact] = []
    found = report
    for each in tried:
        one = each.fact(found.state)
        if not found.when(one).problems:
            found = found.given(one)
            told.append(one)
    newest: Fact | None = None
    seen: dict[str, Fact] = {}
    is_open = published_once = False
    for one in told:
        if one.name == "drafted":
            newest, is_open = one, True
        elif one.name == "signed":
            assert is_open
            seen[one.data["cpas"]] = one
        elif one.name == "reopened":
            assert published_once
            assert not is_open
        else:
            assert newest is not None
            assert is_open
            assert (one.name == "restated") == published_once
            assert one.data["digest"] == newest.data["digest"]
            missing = [
                each["cpas"]
                for each in newest.data["signers"]
                if each["cpas"] not in seen or seen[each["cpas"]].data["digest"] != each["digest"]
            ]
            assert one.data["unsigned"] == missing
            is_open, published_once = False, True
