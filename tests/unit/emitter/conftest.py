"""Keys of the services, settings and events for tests that need no broker."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_emitter import Emitter, Settings
from miriam_emitter.receipts import Receipt

sys.path.insert(0, str(Path(__file__).parents[2] / "running"))


@pytest.fixture
def signing() -> dict[str, Ed25519PrivateKey]:
    """What each service signs receipts with."""
    return {service: Ed25519PrivateKey.generate() for service in RECORDING_SERVICES}


@pytest.fixture
def opening() -> dict[str, ECKey]:
    """What each service opens personal blocks with."""
    return {service: ECKey.generate_key("P-256") for service in RECORDING_SERVICES}


@pytest.fixture
def keys_dir(tmp_path: Path, signing: dict[str, Ed25519PrivateKey], opening: dict[str, ECKey]) -> Path:
    """The public halves, as `miriam up` publishes them."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for service in RECORDING_SERVICES:
        raw = signing[service].public_key().public_bytes_raw()
        jwk = {"kty": "OKP", "crv": "Ed25519", "kid": f"{service}-1", "x": base64.urlsafe_b64encode(raw).decode()}
        (folder / f"{service}.receipt.pub.json").write_text(json.dumps({**jwk, "x": jwk["x"].rstrip("=")}))
        (folder / f"{service}.personal.pub.json").write_text(json.dumps(opening[service].as_dict(private=False)))
    return folder


@pytest.fixture
def settings(tmp_path: Path, keys_dir: Path) -> Settings:
    """Anderlecht's, with a broker that does not exist."""
    return Settings("anderlecht", "cpas", "amqp://a:b@127.0.0.1:1/x", keys_dir, tmp_path / "anderlecht.spool")


@pytest.fixture
def emitter(settings: Settings) -> Iterator[Emitter]:
    """Anderlecht's emitter."""
    with Emitter(settings) as emitter:
        yield emitter


@pytest.fixture
def enrolment() -> Callable[..., dict[str, Any]]:
    """`enrolment(3, first_name="Marie-Zéphyrine")`: an enrolment, in the short form, that keeps its contract."""

    def make(number: int = 1, **personal: str) -> dict[str, Any]:
        return {
            "type": "miriam.participation.enrolled.v1",
            "subject": f"anderlecht:p-{number}",
            "id": f"e-{number}",
            "time": "2023-09-01T10:00:00Z",
            "data": {
                "project": "spp-is:2023-anderlecht-1",
                "participation": f"anderlecht:p-{number}",
                "occurred_on": "2023-09-01",
                "consented_on": "2023-08-31",
                "eligibility": "single_mother_cpas_service",
                "employment": "inactive",
                "education": "lower_secondary_or_less",
                "children": 2,
                "language": "fr",
                "case_manager": "anderlecht:cm-1",
                **({"personal": personal} if personal else {}),
            },
        }

    return make


@pytest.fixture
def answer(signing: dict[str, Ed25519PrivateKey]) -> Callable[..., dict[str, Any]]:
    """`answer("e-1", "refused")`: a receipt as a service signs it."""

    def make(id_: str, outcome: str = "recorded", service: str = "intake", **other: Any) -> dict[str, Any]:
        content: dict[str, Any] = {
            "receipt": outcome,
            "service": service,
            "emitter": "/cpas/anderlecht",
            "id": id_,
            "subject": "anderlecht:p-1",
            "time": "2023-09-01T10:00:01.000000Z",
            "events": [],
            "problems": [],
            "key": f"{service}-1",
            **other,
        }
        signature = signing[service].sign(canonical(content))
        return {**content, "signature": base64.b64encode(signature).decode()}

    return make


@pytest.fixture
def kept(answer: Callable[..., dict[str, Any]]) -> Callable[..., Receipt]:
    """The same, verified."""

    def make(id_: str, outcome: str = "recorded") -> Receipt:
        return Receipt.kept(id_, outcome, canonical(answer(id_, outcome)))

    return make
