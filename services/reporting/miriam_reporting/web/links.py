"""Addresses of pages of other parts, for cells that lead there."""

from typing import Any

from flask import url_for

from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.web.view import Link


def evidence(edition: str, figure: Figure, as_of: str | None = None) -> str:
    """Where the rows behind a figure are."""
    asked: dict[str, Any] = {level: figure.by[level] for level in LEVELS[1:] if level in figure.by}
    asked |= {"part": figure.part or None, "as_of": as_of}
    return url_for("evidence.figure", edition=edition, code=figure.code, **asked)


def event(event_id: str, text: str) -> Link:
    """A cell that leads to an event."""
    return Link(text, url_for("evidence.event", event=event_id))
