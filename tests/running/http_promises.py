"""What must hold of each answer over HTTP, whatever was asked."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

import documented
from http_sending import Answer, Sent
from watching import Watch

from miriam_contracts.batches import CONTENT_TYPE as BATCH

DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "door": documented.DOOR,
    "service": documented.SERVICE,
    "reporting": documented.REPORTING,
}
PROBLEM = "application/problem+json"
# What only our own code, or a database's driver, would say.
LEAKS = re.compile(rb'Traceback \(most recent|File "[^"]*\.py"|psycopg2|site-packages|DETAIL:  |orjson|JSONDecodeError')
EVENTS = "/v1/events"


def template_of(document: str, sent: Sent) -> str:
    """The document's own path of a request, like `/v1/receipts/{id}`; empty where it has none."""
    asked = sent.target.partition("?")[0]
    for path in DOCUMENTS[document]["paths"]:
        if re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", path), asked):
            return str(path)
    return ""


def broken(document: str, sent: Sent, answer: Answer) -> str:
    """What an answer breaks of what its document promises; empty: nothing."""
    if answer.status == 0:
        return "no answer"
    if answer.status >= 500:
        return f"{answer.status}, though nothing is away"
    if leak := LEAKS.search(answer.body):
        return f"an answer that tells of our code: {leak[0]!r}"
    if answer.status >= 400 and (wrong := _no_problem(answer)):
        return f"{answer.status} that is no problem: {wrong}"
    path = template_of(document, sent)
    documented_methods = DOCUMENTS[document]["paths"].get(path, {})
    # A path or method that the document does not know is refused as such: of that it says no more than the status.
    if sent.method.lower() not in documented_methods or answer.status in (404, 405):
        return ""
    if answer.status == 304:
        return ""
    plain = answer.headers.get("content-type", "").startswith("text/")
    body = answer.body.decode("utf-8", errors="replace") if plain else answer.json
    try:
        documented.check(DOCUMENTS[document], sent.method, path, answer.status, answer.headers, body)
    except AssertionError as wrong:
        return str(wrong)[:500]
    return ""


def broken_receipts(sent: Sent, answer: Answer, source: str, watch: Watch) -> str:
    """What the receipts of a posted event or batch break: one for each event, in its place, with reasons."""
    if answer.status != 200 or (sent.method, sent.target) != ("POST", EVENTS):
        return ""
    events = events_of(sent)
    if len(answer.receipts) != len(events):
        return f"{len(answer.receipts)} receipts for {len(events)} events"
    for event, receipt in zip(events, answer.receipts, strict=True):
        own = event.get("id") if isinstance(event, dict) else None
        if receipt["id"] is None and receipt["receipt"] == "refused":
            pass
        elif receipt["id"] != own:
            return "a receipt that is not in the place of its event"
        if wrong := watch.receipt(receipt, source):
            return wrong
    return ""


def events_of(sent: Sent) -> list[Any]:
    """The events of a request that was taken; None for one that cannot be read."""
    packed = sent.headers.get("Content-Encoding", "identity") != "identity"
    body = gzip.decompress(sent.body) if packed else sent.body
    if sent.headers.get("Content-Type", "").partition(";")[0].strip() == BATCH:
        return list(json.loads(body))
    try:
        return [json.loads(body)]
    except ValueError:
        return [None]


def _no_problem(answer: Answer) -> str:
    """Why an answer is no problem after RFC 9457 with a code and a title; empty: it is one."""
    if answer.headers.get("content-type", "").partition(";")[0] != PROBLEM:
        return f"of type {answer.headers.get('content-type')}"
    told = answer.json
    if not isinstance(told, dict) or told.get("status") != answer.status:
        return "its status is another"
    lacking = [name for name in ("code", "title", "type") if not isinstance(told.get(name), str) or not told[name]]
    return f"without {', '.join(lacking)}" if lacking else ""
