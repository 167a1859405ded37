"""Log lines: one JSON object each, on standard error.

A line may carry correlation, emitter, type, sequence, counts and durations; never a payload, never a personal value.
So only the keys of ALLOWED pass, an exception is told by its kind and place, not by its message (a driver's message
quotes the offending row), and the lines of libraries (pika, nameko, eventlet) are told by module and level with their
format string alone, without the arguments.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import orjson
import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "service", "module", "process",
        "correlation", "emitter", "type", "sequence", "queue", "exchange", "address", "name",
        "count", "recorded", "duplicate", "refused", "parked", "code", "attempt", "pause", "seconds", "error",
        "after", "signal", "phase", "outcome", "returned", "nacked",
    }
)  # fmt: skip


def configure(service: str, level: str, process: str) -> None:
    """Set the log of this process up; call once. `process` is serve, relay, migrate or keys."""
    number = logging.getLevelName(level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_exception,
            _Constant(service, process),
            _only_allowed,
            structlog.processors.JSONRenderer(serializer=lambda value, **_: orjson.dumps(value).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = _LibraryHandler()
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


def get(name: str) -> Any:
    """The logger of a module of ours."""
    return structlog.get_logger(module=name)


def told(error: BaseException) -> str:
    """An exception by its kind and the innermost place in our code: `KeyError at miriam_x/domain.py:12`."""
    kind = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "miriam_" in frame.filename] or list(frames)
    if not ours:
        return kind
    file = "/".join(ours[-1].filename.split("/")[-2:])
    return f"{kind} at {file}:{ours[-1].lineno}"


class _LibraryHandler(logging.Handler):
    """Lets the lines of libraries through to the same log, without their arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        log = get(record.name)
        error = record.exc_info[1] if record.exc_info else None
        write = log.error if record.levelno >= logging.ERROR else log.warning
        write(str(record.msg)[:200] if record.args else "library", error=told(error) if error else None)


class _Constant:
    def __init__(self, service: str, process: str) -> None:
        self._values = {"service": service, "process": process}

    def __call__(self, _: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**line, **self._values}


def _tell_exception(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given: Any = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple) and len(given) == 3:
        kind_value_place: tuple[Any, BaseException | None, TracebackType | None] = given
        given = kind_value_place[1]
    if isinstance(given, BaseException):
        line["error"] = told(given)
    return line


def _only_allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in ALLOWED and value is not None}
