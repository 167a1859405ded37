"""A batch of events over HTTP: what it may weigh, and its events as they came, to the byte.

Signatures, fingerprints and sealed refusals rest on the bytes that were sent, so a batch is cut and never written anew.
"""

import json
import re
import zlib
from collections.abc import Callable

import orjson

from miriam_contracts.envelope import MAX_BYTES
from miriam_contracts.problems import ContractError, Problem

CONTENT_TYPE = "application/cloudevents-batch+json"
MOST_EVENTS = 1000
# Of a request's body, inflated.
MOST_BYTES = 8 * 1024 * 1024

_BLANK = b" \t\r\n"
# Applied to a text without escaped quotation marks. No group is repeated: a hostile text grows no stack.
_TOKEN = re.compile(rb'"[^"]*"|[\[\]{},]')
_BREATH = 0x3FFF


class TooMany(ContractError):
    """The batch is larger than the bound; the `allowed` of its problem says how large it may be."""


def split(body: bytes, most: int = MOST_EVENTS, breathe: Callable[[], None] | None = None) -> list[bytes]:
    """The elements of the JSON array in `body` as they came, the blanks around them cut off; none for an empty array.

    Raises ContractError, `not_json`, for what is no JSON array in UTF-8, and TooMany for more than `most` elements. An
    element that no event may be (larger than MAX_BYTES, nested too deep to be read) is found by its brackets and is not
    looked into: it is refused on its own. Takes time and memory in proportion to the body, whatever stands in it;
    `breathe` is called every few milliseconds, where others have to have a turn meanwhile.
    """
    # Of the same length, so that places agree; what is left of quotation marks begins or ends a text.
    plain = body.replace(rb"\\", b"__").replace(rb"\"", b"__")
    begin = len(body) - len(body.lstrip(_BLANK))
    if body[begin : begin + 1] != b"[":
        raise ContractError([Problem("not_json")])
    found: list[bytes] = []
    depth = 0
    for number, match in enumerate(_TOKEN.finditer(plain, begin)):
        if breathe is not None and number & _BREATH == _BREATH:
            breathe()
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth == 1:
                begin = match.end()
            continue
        if token in (b"]", b"}"):
            depth -= 1
        if not (depth == 0 or (depth == 1 and token == b",")):
            continue
        element = body[begin : match.start()].strip(_BLANK)
        if element or found or depth:
            if len(found) == most:
                raise TooMany([Problem("http_too_large", allowed=f"1..{most}")])
            if not _readable(element):
                raise ContractError([Problem("not_json", str(len(found)))])
            found.append(element)
        begin = match.end()
        if depth == 0:
            if token != b"]" or body[begin:].strip(_BLANK):
                break
            return found
    raise ContractError([Problem("not_json")])


def single(body: bytes) -> bytes:
    """The one JSON text in `body`, the blanks around it cut off. Raises ContractError, `not_json`."""
    text = body.strip(_BLANK)
    if not _readable(text):
        raise ContractError([Problem("not_json")])
    return text


def inflate(body: bytes, most: int = MOST_BYTES) -> bytes:
    """What was compressed with gzip (RFC 1952, one member). No more than `most` bytes are ever made of it.

    Raises TooMany beyond them, and ContractError, `not_json`, for what is no gzip, is cut off, or has more behind it.
    """
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        made = inflater.decompress(body, most + 1)
    except zlib.error:
        raise ContractError([Problem("not_json")]) from None
    if len(made) > most:
        raise TooMany([Problem("http_too_large", allowed=f"..{most}")])
    if not inflater.eof or inflater.unused_data:
        raise ContractError([Problem("not_json")])
    return made


def _readable(element: bytes) -> bool:
    if len(element) > MAX_BYTES:
        return True
    try:
        orjson.loads(element)
    except orjson.JSONDecodeError:
        return _valid_beyond(element)
    return True


def _valid_beyond(element: bytes) -> bool:
    """Whether it is JSON all the same: nested deeper, or with numbers or half characters beyond what orjson reads."""
    try:
        json.loads(element.decode(), parse_constant=_refuse)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)
