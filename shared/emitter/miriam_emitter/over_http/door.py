"""Requests to the one address of the HTTP doors. Each method waits for its answer, and raises nothing."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3 import exceptions

from miriam_emitter import tls
from miriam_emitter.over_http.answer import Answer, Kind, read
from miriam_emitter.settings import Settings

_BATCH = "application/cloudevents-batch+json"
_CONNECT_SECONDS = 10.0
_WORTH_PACKING = 1024
_MOST_OF_AN_ANSWER = 64 * 1024 * 1024


class HttpDoor:
    """The door as one emitter sees it. `token` may be changed between requests. Raises NotConfigured."""

    def __init__(self, settings: Settings) -> None:
        self.token = settings.http_token
        self._language = settings.language
        self._url = settings.http_url.rstrip("/")
        self._where = urlsplit(self._url).netloc.rpartition("@")[2]
        self._seconds = settings.timeout
        secure = urlsplit(self._url).scheme == "https"
        self._http = urllib3.PoolManager(
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=settings.timeout),
            ssl_context=tls.context(settings) if secure else None,
        )

    def post(self, events: Sequence[bytes]) -> Answer:
        """Send events, each as it is; answered once those that could be settled are."""
        body = b"[" + b",".join(events) + b"]"
        headers = {"Content-Type": _BATCH}
        if len(body) >= _WORTH_PACKING:
            # No time in its header: the same events make the same bytes.
            packed = gzip.compress(body, compresslevel=5, mtime=0)
            if len(packed) < len(body) * 0.9:
                body, headers["Content-Encoding"] = packed, "gzip"
        return self._ask("POST", "/v1/events", headers, body)

    def receipts(self, after: str, limit: int) -> Answer:
        """Receipts behind a cursor, the oldest first; from the beginning where it is empty."""
        asked = urlencode({**({"after": after} if after else {}), "limit": limit})
        return self._ask("GET", f"/v1/receipts?{asked}", {}, None)

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._http.clear()

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        headers |= {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "gzip",
            "Accept-Language": self._language,
            "User-Agent": "miriam-emitter",
        }
        try:
            response = self._http.request(
                method, self._url + path, body=body, headers=headers, redirect=False, preload_content=False
            )
            try:
                content = response.read(_MOST_OF_AN_ANSWER, decode_content=True)
                whole = len(content) < _MOST_OF_AN_ANSWER
            except BaseException:
                response.close()
                raise
            if not whole:
                response.close()
                return Answer(Kind.BROKEN, reason="the door's answer is too long")
            response.release_conn()
            return read(response.status, response.headers, content)
        except exceptions.ReadTimeoutError:
            return Answer(Kind.BROKEN, reason=f"no answer from {self._where} within {self._seconds:g} s")
        except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError) as problem:
            return Answer(Kind.AWAY, reason=f"{self._where}: {_words(problem)}")
        except exceptions.HTTPError as problem:
            return Answer(Kind.BROKEN, reason=f"{self._where}: {_words(problem)}")
        except (OSError, ValueError) as problem:  # a token that fits in no header, a host that is no name
            return Answer(Kind.REFUSED, reason=f"{self._where}: {type(problem).__name__}")


def _words(problem: BaseException) -> str:
    """Words for what urllib3 raised: those of the system's error within it, where there is one."""
    seen: BaseException | None = problem
    while seen is not None:
        known = tls.reason(seen)
        if known is not None:
            return known
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror
        nested = [each for each in seen.args if isinstance(each, BaseException)]
        seen = nested[-1] if nested else seen.__cause__ or seen.__context__
    return {"ConnectTimeoutError": "it does not answer"}.get(type(problem).__name__, "the connection broke off")
