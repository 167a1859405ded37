from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from miriam_contracts.batches import CONTENT_TYPE
from miriam_contracts.http_problems import HttpProblem
from miriam_platform import posted


def test_a_hostile_body_gives_others_their_turn_while_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []
    monkeypatch.setattr(posted, "breathe", lambda: turns.append(1))
    body = b"[" + b"[]," * 700_000
    builder = EnvironBuilder("/v1/events", method="POST", data=body, content_type=CONTENT_TYPE)
    request = Request(builder.get_environ())
    with pytest.raises(HttpProblem) as caught:
        posted.events(request)
    assert caught.value.status == 413
    inner = b"[[" + b"[]," * 700_000
    request = Request(EnvironBuilder("/v1/events", method="POST", data=inner, content_type=CONTENT_TYPE).get_environ())
    with pytest.raises(HttpProblem) as caught:
        posted.events(request)
    assert (caught.value.status, len(turns) > 50) == (400, True)
