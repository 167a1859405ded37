"""Reporting over HTTP, as a CPAS reaches it to sign."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from miriam_emitter.errors import EmitterError, NotConfigured, Unreachable

_PATIENCE = 60.0


class SignatureRefused(EmitterError):
    """Reporting refuses the signature, for the rules named: code and sentence by language."""

    def __init__(self, rules: list[tuple[str, dict[str, str]]]) -> None:
        super().__init__(" ".join(sentences.get("en", code) for code, sentences in rules))
        self.rules = rules

    def told(self, language: str) -> str:
        """Why, in a language."""
        return " ".join(sentences.get(language, code) for code, sentences in self.rules)


class NoSuchReport(EmitterError):
    """There is no such report, or nothing in it that this CPAS is to sign."""


class Door:
    """The door of one report for one CPAS. `token` is its reading token."""

    def __init__(self, url: str, report: str, cpas: str, token: str) -> None:
        self._base = f"{url.rstrip('/')}/v1/reports/{quote(report, safe='')}"
        self._cpas = cpas
        self._token = token

    def ask(self) -> Any:
        """The report, and what is to be signed. Raises NoSuchReport, NotConfigured, Unreachable."""
        return self._call(f"{self._base}?cpas={quote(self._cpas, safe='')}", None)

    def send(self, key: str, signature: str) -> Any:
        """Send a signature. Raises SignatureRefused, and as `ask`."""
        given = {"cpas": self._cpas, "key": key, "signature": signature}
        return self._call(f"{self._base}/signatures", json.dumps(given).encode())

    def _call(self, url: str, body: bytes | None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            request = urllib.request.Request(url, body, headers)
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as problem:
            raise _error(problem) from problem
        except (OSError, HTTPException, ValueError) as problem:
            raise Unreachable(f"reporting does not answer: {type(problem).__name__}", "try again later") from problem


def _error(problem: urllib.error.HTTPError) -> EmitterError:
    try:
        told = json.loads(problem.read())
    except (OSError, ValueError):
        told = {}
    if problem.code == 422:
        rules = [(str(each.get("code")), dict(each.get("title") or {})) for each in told.get("problems", ())]
        return SignatureRefused(rules)
    detail = str(told.get("detail") or f"status {problem.code}")
    if problem.code == 401:
        return NotConfigured(f"reporting does not know this token: {detail}", "have the credentials made again")
    if problem.code == 404:
        return NoSuchReport(detail, "`miriam reports` tells which there are, where the authority is")
    return Unreachable(f"reporting answers: {detail}", "try again later")
