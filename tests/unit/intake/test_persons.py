"""The random id of a woman."""

import secrets

import pytest

from miriam_intake import persons


def test_no_id_is_minted_that_holds_somebodys_national_number(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["ab85073003328cdef0123456789abcde", "0123456789abcdef0123456789abcdef"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(drawn))
    assert persons.new_person() == "prs-0123456789abcdef0123456789abcdef"
