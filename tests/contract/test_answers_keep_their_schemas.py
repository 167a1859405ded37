"""What the platform really answers keeps the generated schemas, and the published test vectors are true."""

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import ECKey
from jsonschema import Draft202012Validator

from miriam_contracts.canonical import canonical
from miriam_contracts.documents import answers
from miriam_contracts.documents.files import files
from miriam_contracts.problems import Problem
from miriam_platform import keys as key_files
from miriam_platform import receipts, sealing
from miriam_platform.deliveries import Delivery, OutcomeName, Result
from miriam_platform.keys import Keys
from miriam_platform.store import KnownEvent

RECEIPT = Draft202012Validator(answers.receipt())
KEYS = Draft202012Validator(answers.service_keys())
VECTORS = json.loads(files()["vectors.json"])
EVENTS = (KnownEvent("f1b1848f-e549-55f6-ab8d-18c0b62c0a73", 127, bytes(32)),)
PROBLEMS = (Problem("out_of_range", "data/duration_minutes", "1..720"), Problem("not_json"))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder: Path = tmp_path_factory.mktemp("keys")
    key_files.make(folder)
    return key_files.load(folder)


def receipt(
    keys: Keys, outcome: OutcomeName, events: tuple[KnownEvent, ...] = (), problems: tuple[Problem, ...] = ()
) -> dict[str, Any]:
    delivery = Delivery(b"", "cpas.anderlecht", "anderlecht.session.held")
    attributes = {"id": "s-1", "subject": "anderlecht:p-014"} if events else {}
    result = Result(outcome, delivery, "anderlecht", "/cpas/anderlecht", attributes, events, problems)
    return receipts.build(result, "sessions", keys, dt.datetime.now(dt.UTC))


def test_a_receipt_of_each_outcome_keeps_the_schema(keys: Keys) -> None:
    RECEIPT.validate(receipt(keys, "recorded", EVENTS))
    RECEIPT.validate(receipt(keys, "duplicate", EVENTS))
    RECEIPT.validate(receipt(keys, "refused", problems=PROBLEMS))
    RECEIPT.validate(receipt(keys, "parked"))


def test_a_receipt_that_contradicts_itself_breaks_the_schema(keys: Keys) -> None:
    assert not RECEIPT.is_valid(receipt(keys, "recorded"))
    assert not RECEIPT.is_valid(receipt(keys, "refused", EVENTS))
    assert not RECEIPT.is_valid({**receipt(keys, "parked"), "signature": "none"})


def test_the_schema_knows_every_member_of_a_receipt(keys: Keys) -> None:
    made = receipt(keys, "refused", problems=PROBLEMS)
    assert set(made) == set(answers.receipt()["properties"])
    assert set(made["problems"][0]) == set(answers.problem()["properties"])


def test_the_public_keys_of_a_service_keep_the_schema(keys: Keys) -> None:
    KEYS.validate({"personal": dict(keys.personal_public), "receipt": dict(keys.receipt_public)})


@pytest.mark.parametrize("vector", VECTORS["receipts"]["signed"], ids=lambda v: str(v["receipt"]["id"]))
def test_a_published_receipt_is_signed_as_the_documents_say(vector: dict[str, Any]) -> None:
    RECEIPT.validate(vector["receipt"])
    public = VECTORS["receipts"]["public_key"]
    assert vector["receipt"]["key"] == public["kid"]
    signed = {name: value for name, value in vector["receipt"].items() if name != "signature"}
    assert canonical(signed).decode() == vector["canonical"]
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(public["x"] + "="))
    signature = base64.b64decode(vector["receipt"]["signature"])
    key.verify(signature, vector["canonical"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(signature, vector["canonical"].encode() + b" ")


def test_the_published_sealed_block_opens_with_its_key() -> None:
    personal = VECTORS["personal"]
    key = ECKey.import_key(personal["private_key"])
    assert sealing.open_jwe(personal["jwe"], key) == personal["block"]
    assert key.as_dict(private=False).items() <= personal["public_key"].items()
    KEYS.validate({"personal": personal["public_key"], "receipt": VECTORS["receipts"]["public_key"]})
