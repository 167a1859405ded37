"""Log lines: one JSON object each, with the keys that are allowed and no message of an exception."""

from __future__ import annotations

import json
import logging as standard

import pytest
import structlog

from miriam_platform import logging


@pytest.fixture(autouse=True)
def _restored() -> object:
    handlers, level = standard.root.handlers[:], standard.root.level
    yield
    structlog.reset_defaults()
    standard.root.handlers[:] = handlers
    standard.root.setLevel(level)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_only_allowed_keys_pass(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("intake", "info", "serve")
    structlog.get_logger().info("recorded", sequence=7, payload="MARKER", niss="85073003328")
    [line] = lines(capsys.readouterr().err)
    assert line["event"] == "recorded"
    assert (line["service"], line["process"], line["sequence"]) == ("intake", "serve", 7)
    assert not {"payload", "niss"} & line.keys()


def test_an_exception_is_told_by_kind_and_place_alone(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("intake", "info", "serve")
    try:
        raise ValueError("MARKER")
    except ValueError:
        structlog.get_logger().error("failed", exc_info=True)
    text = capsys.readouterr().err
    assert "MARKER" not in text
    assert str(lines(text)[0]["error"]).startswith("ValueError at ")


def test_a_library_cannot_tell_a_value_either(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("intake", "info", "serve")
    standard.getLogger("a-library").warning("frame %s", "MARKER")
    standard.getLogger("a-library").error(f"composed {'MARKER'}")
    text = capsys.readouterr().err
    assert "MARKER" not in text
    assert [line["level"] for line in lines(text)] == ["warning", "error"]
