"""The recording services as the front sees them: asked over kept connections, several at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

CONNECT_SECONDS = 2.0


@dataclass(frozen=True)
class Question:
    """What an owner is asked."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    # Fewer than the settings say, where the answer is not worth a longer wait.
    seconds: float | None = None


@dataclass(frozen=True)
class Answer:
    """What an owner answered; status 0 where it gave no answer at all."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Owners:
    """Every recording service, by name. Safe to use from several threads."""

    def __init__(self, urls: Mapping[str, str], threads: int, seconds: float) -> None:
        self.names = tuple(urls)
        self._urls = dict(urls)
        self._seconds = seconds
        # The thread that serves asks one owner itself, others ask the rest: so no request waits for a helper for ever.
        helpers = threads * (len(urls) - 1)
        self._helpers = ThreadPoolExecutor(max(helpers, 1), thread_name_prefix="ask")
        self._pool = urllib3.PoolManager(num_pools=len(urls), maxsize=threads + helpers, retries=False)

    def ask(self, questions: Mapping[str, Question]) -> dict[str, Answer]:
        """Ask several owners at the same time; the answer of each."""
        (first, question), *others = questions.items()
        waiting = {name: self._helpers.submit(self._ask, name, other) for name, other in others}
        answers = {first: self._ask(first, question)}
        return answers | {name: future.result() for name, future in waiting.items()}

    def ask_everyone(self, question: Question) -> dict[str, Answer]:
        """Ask every owner the same."""
        return self.ask(dict.fromkeys(self.names, question))

    def close(self) -> None:
        """Let go of connections and threads."""
        self._helpers.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    def _ask(self, name: str, question: Question) -> Answer:
        try:
            return self._send(name, question)
        except ProtocolError:
            # A kept connection that the service closed as we wrote. Whatever is asked may be asked twice: an event that
            # was recorded the first time is a duplicate the second.
            pass
        except HTTPError:
            return Answer(0)
        try:
            return self._send(name, question)
        except HTTPError:
            return Answer(0)

    def _send(self, name: str, question: Question) -> Answer:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=question.seconds or self._seconds)
        response = self._pool.request(
            question.method,
            self._urls[name] + question.target,
            headers=question.headers,
            body=question.body,
            timeout=timeout,
            redirect=False,
        )
        return Answer(response.status, response.headers, response.data)
