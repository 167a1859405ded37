"""Log lines: one JSON object each, on standard error. What came in a request is never in one, nor its token."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def configure(level: str) -> None:
    """Set the log of this process up; call once."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _service,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[_LibraryHandler()], force=True)


def get(name: str) -> Any:
    """The logger of a module of ours."""
    return structlog.get_logger(module=name)


class _LibraryHandler(logging.Handler):
    """Lets the lines of libraries through without their arguments, and exceptions by their kind alone."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        told = {"error": error} if error else {}
        get(record.name).warning(str(record.msg)[:200] if record.args else "library", **told)


def _service(_: Any, __: str, line: Any) -> Any:
    return {**line, "service": "front"}
