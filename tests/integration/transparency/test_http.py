"""The log over HTTP, asked by its own client and by others: everything that it answers verifies, and bounds hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from miriam_reporting.ledger import checkpoints
from miriam_transparency import merkle
from miriam_transparency.log import LogClient, LogRefused, LogUnreachable
from miriam_transparency.notes import Checkpoint, Note

from .conftest import Log, body, grow


@pytest.fixture
def served(log: Log, serve: Callable[[Log], str]) -> Log:
    serve(log)
    grow(log.connection, 20, "intake")
    log.grow(280)
    log.grow(10)
    return log


def head(log: Log, size: int | None = None) -> Checkpoint:
    client = LogClient(log.url)
    note = Note.parse((client.checkpoint() if size is None else client.checkpoint_at(size)) or "")
    assert note.verified_by(log.keys.published())
    return Checkpoint.parse(note.text)


def test_the_newest_head_and_those_of_a_size(served: Log) -> None:
    assert head(served).size == 310
    assert head(served, 300).size == 300
    client = LogClient(served.url)
    assert client.checkpoint_at(301) is None
    assert [line for line in client.keys().split("\n") if line] == [key.text() for key in served.keys.published()]


def test_a_log_of_nothing_has_no_head(log: Log, serve: Callable[[Log], str]) -> None:
    serve(log)
    assert LogClient(log.url).checkpoint() is None
    with pytest.raises(LogRefused, match="no head was signed yet"):
        LogClient(log.url).inclusion("intake", 1)


def test_every_proof_verifies(served: Log) -> None:
    client, new = LogClient(served.url), head(served)
    old = head(served, 300)
    merkle.verify_consistency(old.size, old.root, new.size, new.root, client.consistency(300, 310))
    one = client.inclusion("sessions", 7)
    assert (one.position, one.size, one.leaf) == (27, 310, merkle.leaf_hash(body("sessions", 7)))
    merkle.verify_inclusion(one.leaf, one.position - 1, one.size, one.proof, new.root)
    before = client.inclusion("sessions", 7, 300)
    merkle.verify_inclusion(before.leaf, before.position - 1, 300, before.proof, old.root)


def test_many_at_once_and_what_is_not_there_is_none(served: Log) -> None:
    client, new = LogClient(served.url), head(served)
    asked = [("sessions", number) for number in range(1, 300)] + [("intake", 20), ("intake", 21), ("groups", 1)]
    found = client.inclusions(asked, new.size)
    assert [key for key, one in found.items() if one is None] == [
        *(("sessions", number) for number in range(291, 300)), ("intake", 21), ("groups", 1),
    ]  # fmt: skip
    for (source, sequence), one in found.items():
        if one is not None:
            assert one.leaf == merkle.leaf_hash(body(source, sequence))
            merkle.verify_inclusion(one.leaf, one.position - 1, new.size, one.proof, new.root)
    # What came after the size asked is not there yet.
    assert client.inclusions([("sessions", 285)], 300)[("sessions", 285)] is None


def asked(log: Log, path: str, content: bytes | None = None) -> tuple[int, Any]:
    try:
        with build_opener(ProxyHandler({})).open(Request(log.url + path, data=content), timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["title"]


UNANSWERED = [
    ("checkpoint/x", 400, "bad_argument"),
    ("checkpoint/-1", 400, "bad_argument"),
    ("checkpoint/" + "9" * 30, 400, "bad_argument"),
    ("checkpoint/299", 404, "unknown_checkpoint"),
    ("consistency", 400, "bad_argument"),
    ("consistency?old=1", 400, "bad_argument"),
    ("consistency?old=5&new=4", 400, "out_of_range"),
    ("consistency?old=5&new=311", 404, "beyond_ledger"),
    ("consistency?old=5&new=300&more=1", 400, "bad_argument"),
    ("consistency?old=%D9%A3&new=300", 400, "bad_argument"),
    ("inclusion", 400, "bad_argument"),
    ("inclusion?position=1&source=intake&sequence=1", 400, "bad_argument"),
    ("inclusion?source=intake", 400, "bad_argument"),
    ("inclusion?position=0", 404, "unknown_leaf"),
    ("inclusion?position=311", 404, "unknown_leaf"),
    ("inclusion?position=301&size=300", 404, "unknown_leaf"),
    ("inclusion?position=1&size=311", 404, "beyond_ledger"),
    ("inclusion?source=nobody&sequence=1", 404, "unknown_leaf"),
    ("inclusion?position=999999999999999999", 404, "unknown_leaf"),
]


def test_what_cannot_be_answered(served: Log) -> None:
    given = {path: asked(served, f"/v1/ledger/{path}") for path, _, _ in UNANSWERED}
    assert given == {path: (status, code) for path, status, code in UNANSWERED}


UNASKED = [
        (b"", 400), (b"[]", 400), (b"{}", 400), (b"\xff", 400), (b"[" * 100_000, 400),
        (b'{"leaves": []}', 400), (b'{"leaves": [{"source": "intake"}]}', 400),
        (b'{"leaves": [{"source": "intake", "sequence": "1"}]}', 400),
        (b'{"leaves": [{"source": "intake", "sequence": true}]}', 400),
        (b'{"leaves": [{"source": "intake", "sequence": 1e400}]}', 400),
        (b'{"leaves": [{"source": ["intake"], "sequence": 1}]}', 400),
        (b'{"leaves": [{"source": "nobody", "sequence": 1}]}', 400),
        (b'{"leaves": [{"source": "intake", "sequence": 1}, {"source": "intake", "sequence": 1}]}', 400),
        (b'{"leaves": [{"source": "intake", "sequence": 1}], "size": -1}', 400),
        (b'{"leaves": [{"source": "intake", "sequence": 1}], "size": 311}', 404),
        (b'{"leaves": [{"source": "intake", "sequence": 1}], "size": 9007199254740993}', 400),
        (b" " * 300_000, 413),
        (json.dumps({"leaves": [{"source": "intake", "sequence": n} for n in range(1, 1002)]}).encode(), 400),
        (json.dumps({"leaves": [{"source": "intake", "sequence": n} for n in range(1, 1001)]}).encode(), 200),
    (b'{"leaves": [{"source": "intake", "sequence": 1}]}', 200),
]  # fmt: skip


def test_what_cannot_be_asked_of_many(served: Log) -> None:
    given = [(content, asked(served, "/v1/ledger/inclusions", content)[0]) for content, _ in UNASKED]
    assert given == UNASKED


def test_leaves_that_are_gone_are_told_as_what_they_are(served: Log, superuser: Callable[[Log, str], None]) -> None:
    superuser(served, "delete from ledger.leaf where position = 305")
    assert asked(served, "/v1/ledger/inclusion?position=304") == (500, "tampered")


def test_a_client_says_when_it_is_no_log_that_answers(served: Log, superuser: Callable[[Log, str], None]) -> None:
    with pytest.raises(LogUnreachable):
        LogClient("http://127.0.0.1:1").checkpoint()
    with pytest.raises(LogUnreachable):
        LogClient("file:///etc/passwd")
    with served.connection:
        assert checkpoints.latest(served.connection) is not None
