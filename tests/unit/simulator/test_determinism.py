"""The same seed is the same edition, byte for byte, in every process."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from miriam_simulator import Scenario, leaves, scenario, signing

SMALL = 0.1
_DIGEST = """
import hashlib, orjson
from miriam_simulator import scenario
digest = hashlib.sha256()
for diary in scenario("2023-2024", 3, 0.1).diaries():
    for item in diary.items:
        digest.update(orjson.dumps(item.event))
print(digest.hexdigest())
"""


def _bodies(played: Scenario) -> Iterator[bytes]:
    return (orjson.dumps(item.event) for diary in played.diaries() for item in diary.items)


def test_a_seed_gives_the_same_bytes_in_another_process_with_other_hashes() -> None:
    here = hashlib.sha256(b"".join(_bodies(scenario("2023-2024", 3, SMALL)))).hexdigest()
    for hash_seed in ("0", "4242"):
        environment = {"PYTHONHASHSEED": hash_seed}
        there = subprocess.run(
            [sys.executable, "-c", _DIGEST], env=environment, capture_output=True, text=True, check=True
        )
        assert there.stdout.strip() == here


def test_another_seed_gives_another_edition() -> None:
    assert list(_bodies(scenario("2023-2024", 3, SMALL))) != list(_bodies(scenario("2023-2024", 4, SMALL)))


def test_leaves_are_the_same_for_a_seed() -> None:
    played = scenario("2023-2024", 3, SMALL)
    assert list(leaves(played)) == list(leaves(played))


def test_a_scenario_beyond_the_programme_s_size_has_other_cpas_and_other_women() -> None:
    played = scenario("3.0", 3, 2.5)
    emitters = [emitter for kind, emitter in played.emitters() if kind == "cpas"]
    assert len(emitters) == len(set(emitters)) == 6 + 6 + 3
    women = [{place.woman for place in block.places()} for block in played.blocks()]
    assert len(women) == 3
    assert sum(map(len, women)) == len(set().union(*women)) > 200


def test_leaves_can_be_taken_without_making_them_all() -> None:
    """Two hundred times the programme: only what is asked for is made."""
    assert len(list(islice(leaves(scenario("3.0", 1, 200.0)), 500))) == 500


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_scale_of_nothing_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        scenario("3.0", 1, scale)


def test_a_cpas_has_the_same_signing_key_in_every_scenario_and_its_file_holds_it(tmp_path: Path) -> None:
    registered: dict[str, set[str]] = {}
    for name, seed in (("2023-2024", 1), ("2023-2024", 2), ("3.0", 1)):
        for body in islice(leaves(scenario(name, seed, 0.05)), 200):
            event = orjson.loads(body)
            if event["type"] == "miriam.cpas.registered.v1":
                registered.setdefault(event["data"]["cpas"], set()).add(event["data"]["signing_key"])
    assert registered
    files = signing.write(tmp_path, registered)
    for (cpas, keys), file in zip(registered.items(), files, strict=True):
        assert file.name == f"{cpas}.signing.pem"
        assert file.stat().st_mode & 0o777 == 0o600
        private = load_pem_private_key(file.read_bytes(), None)
        assert isinstance(private, Ed25519PrivateKey)
        assert keys == {base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).decode().rstrip("=")}
    assert signing.write(tmp_path, registered) == [], "a key that is there stays"
