"""What provisioning tells an emitter of the ledger: an address, and a token of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from miriam_contracts.reading import reading_token
from miriam_local.deployment import Choices, Deployment
from miriam_local.emitters import Emitter
from miriam_local.places import Places
from miriam_local.provision import credentials


def told(tmp_path: Path, **choices: str) -> dict[str, object]:
    """The credentials of a CPAS under a home of its own."""
    named = {"postgres_url": "postgresql://a@127.0.0.1/x", "amqp_url": "amqp://a:b@127.0.0.1/x",
             "management_url": "http://127.0.0.1:1"}  # fmt: skip
    deployment = Deployment(Places(tmp_path), Choices(47000, **{**named, **choices}))  # type: ignore[arg-type]
    return credentials(deployment, Emitter("anderlecht"))


def test_the_token_is_derived_from_the_services_and_says_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRIAM_SECRET_SERVICE_TOKEN", "the-token-of-the-services")
    found = told(tmp_path)
    assert found["reading_token"] == reading_token("the-token-of-the-services", "anderlecht")
    assert found["reading_token"] != reading_token("the-token-of-the-services", "anderlecht2")
    assert "the-token-of-the-services" not in str(found)


def test_the_address_is_this_machine_or_the_one_that_was_named(tmp_path: Path) -> None:
    assert told(tmp_path)["reporting_url"] == "http://127.0.0.1:47014"
    assert told(tmp_path, reporting_url="https://ledger.example")["reporting_url"] == "https://ledger.example"


def test_the_formula_does_not_change() -> None:
    """Tokens that were handed out must go on working: HMAC-SHA256 of `reading:<id>`, base64url without padding."""
    assert reading_token("0123456789abcdef", "anderlecht") == "J6uLL_fyhFe98jmevG7ptPfsTkZKad60gLxOKzoUa3E"
