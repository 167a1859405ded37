"""How the HTTP door answers: with what was asked, or with a problem after RFC 9457 in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from miriam_contracts import http_problems
from miriam_contracts.http_problems import HttpProblem, language_of
from miriam_platform import logging
from miriam_platform.database import LOST

# Status, headers, body.
Answer = tuple[int, dict[str, str], str]
JSON = {"Content-Type": "application/json"}
# After which the sender may try again what failed by our own fault, or found a server away.
RETRY_SECONDS = 2

log = logging.get(__name__)


def answered(
    work: Callable[[], Answer], accept_language: str | None, receipts: Sequence[Mapping[str, Any]] = ()
) -> Answer:
    """What `work` answers; or the problem that it raises, with the `receipts` that there are by then.

    A server that is away, and a fault of ours, are 503: the sender tries again, and nothing is lost or counted twice.
    """
    try:
        return work()
    except HttpProblem as raised:
        problem = raised
    except LOST as error:
        log.warning("database lost", error=logging.told(error))
        problem = http_problems.unavailable(RETRY_SECONDS, "the database is away; send it again")
    except Exception as error:
        log.error("fault of ours", error=logging.told(error))
        problem = http_problems.unavailable(RETRY_SECONDS, "a fault of ours; send it again")
    return problem_answer(problem, accept_language, receipts)


def problem_answer(
    problem: HttpProblem, accept_language: str | None, receipts: Sequence[Mapping[str, Any]] = ()
) -> Answer:
    """A problem as it is sent."""
    language = language_of(accept_language)
    headers = {"Content-Type": http_problems.CONTENT_TYPE, "Content-Language": language, **problem.headers}
    body = orjson.dumps(problem.body(language, receipts), option=orjson.OPT_SORT_KEYS)
    return problem.status, headers, body.decode()
