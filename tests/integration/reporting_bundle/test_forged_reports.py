"""Signatures and publications that are not what they say, in a ledger that log and authority signed all the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundle_altering import Files, cosigned, files_of, judge, recounted, with_leaves
from bundle_scenario import EDITION, Programme
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import miriam_verify
from miriam_emitter.signing import keys as signatures

Change = Callable[[dict[str, Any]], None]


def forged(
    programme: Programme, files: Files, name: str, change: Change, called: str | None = None
) -> miriam_verify.Findings:
    """The verdict where the last `report.<name>` says something else, and everything else fits it."""
    leaves = files["leaves.jsonl"].splitlines()
    at = max(number for number, leaf in enumerate(leaves) if f'"miriam.report.{name}.v1"'.encode() in leaf)
    event = json.loads(leaves[at])
    change(event["data"])
    event["type"] = f"miriam.report.{called or name}.v1"
    leaves[at] = miriam_verify.canonical(event)
    # Nothing after it, so that it alone is judged.
    kept = leaves[: at + 1]
    made = {**with_leaves(files, kept), "positions.txt": f"1-{len(kept)}\n".encode()}
    made["checkpoint.txt"] = cosigned(programme, kept)
    made = {each: content for each, content in made.items() if each != "consistency.txt"}
    return judge(recounted(made, programme, len(kept)), programme.authority_pub)


def another_key(data: dict[str, Any]) -> None:
    key = Ed25519PrivateKey.generate()
    data["key"] = signatures.public_half(key)
    data["signature"] = signatures.sign(key, EDITION, data["cpas"], data["digest"])


def first_signer(**changes: Any) -> Change:
    return lambda data: data["signers"][0].update(changes)


def set_to(**changes: Any) -> Change:
    return lambda data: data.update(changes)


def without(name: str) -> Change:
    return lambda data: data.__delitem__(name) if name in data else None


ANOTHER_ROOT = base64.b64encode(bytes(32)).decode()
FORGERIES: dict[str, tuple[str, Change, str]] = {
    "a draft of another root": ("drafted", set_to(root=ANOTHER_ROOT), "its root is not that of the first"),
    "a draft of other figures": ("drafted", set_to(digest="0" * 64), "its digest is not that of the figures"),
    "a draft of an earlier position": ("drafted", lambda d: d.update(position=d["position"] - 1), "root"),
    "a draft of what comes later": ("drafted", set_to(position=10**6), "which comes no earlier than itself"),
    "a digest for a CPAS": ("drafted", first_signer(digest="0" * 64), "the digest for alpha is not that"),
    "a key that was not registered": ("drafted", first_signer(key="A" * 43), "alpha is not to sign with that key"),
    "a signer left out": ("drafted", lambda d: d["signers"].pop(), "gamma is not to sign with that key"),
    "a signer who carries nothing": (
        "drafted", lambda d: d["signers"].append({"cpas": "omega", "digest": "0" * 64}), "omega is not to sign",
    ),
    "a false signature": ("signed", lambda d: d.update(signature="A" * 86), "the signature of alpha is false"),
    "a signature of another digest": ("signed", set_to(digest="0" * 64), "the signature of alpha is false"),
    "a signature for another CPAS": ("signed", set_to(cpas="gamma"), "the signature of gamma is false"),
    "a signature by a key of his own": ("signed", another_key, "signs what the newest draft does not ask"),
    "a signature by somebody else": ("signed", set_to(actor="cpas.gamma"), "cpas.gamma signs for alpha"),
    "a publication of other figures": ("restated", set_to(digest="0" * 64), "another thing than its newest draft"),
    "a publication of another position": ("restated", set_to(position=3), "another thing than its newest draft"),
    "other definitions": ("restated", lambda d: d["definitions"].pop(), "its definitions are not those"),
    "a missing signature that is not named": ("restated", set_to(unsigned=[]), "unsigned are beta"),
    "no reason of a restatement": ("restated", without("reason"), "no reason is given"),
    "a draft by the operator": ("drafted", set_to(actor="operator.jo"), "a step that is the authority's"),
    "a publication by a CPAS": ("restated", set_to(actor="cpas.alpha"), "a step that is the authority's"),
    "a step of another report": ("restated", set_to(report="2023-r2"), "it says that it is of 2023-r2"),
    "no reason for it": ("restated", without("unsigned_reason"), "no reason is given"),
    "no checkpoint": ("restated", set_to(checkpoint="text"), "no signed note"),
}  # fmt: skip


# Other files of the bundle do not fit these either, and are looked at first.
NAMED_BY_ITS_FILES = ("other definitions", "a signer who carries nothing")


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_step_of_a_report_is_named(programme: Programme, bundles: dict[str, Path], name: str) -> None:
    step, change, said = FORGERIES[name]
    found = forged(programme, files_of(bundles["ledger"]), step, change)
    named = [why for what, why in found.untrue if what in ("reports", "definitions")]
    assert len(named) == len(found.untrue) == 1, found.untrue
    if name not in NAMED_BY_ITS_FILES:
        assert f"miriam.report.{step}.v1" in named[0]
        assert said in named[0]


def test_a_publication_whose_checkpoint_the_authority_did_not_cosign_is_named(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    def alone(data: dict[str, Any]) -> None:
        lines = data["checkpoint"].splitlines(keepends=True)
        data["checkpoint"] = "".join(line for line in lines if "spp.example" not in line)

    found = forged(programme, files_of(bundles["ledger"]), "restated", alone)
    assert [what for what, _ in found.untrue] == ["reports"]
    assert "not cosigned by the authority" in found.untrue[0][1]


def test_true_reports_in_the_same_frame_agree(programme: Programme, bundles: dict[str, Path]) -> None:
    for step in ("drafted", "signed", "restated"):
        assert forged(programme, files_of(bundles["ledger"]), step, lambda data: None).untrue == []


def test_a_restatement_does_not_pass_for_a_first_publication(programme: Programme, bundles: dict[str, Path]) -> None:
    found = forged(programme, files_of(bundles["ledger"]), "restated", without("reason"), "published")
    assert [what for what, _ in found.untrue] == ["reports"]
    assert "it was published before" in found.untrue[0][1]
