"""A document of the contracts with what a browser must be told of it, made when somebody first asks for it."""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache

from miriam_contracts.documents.files import makers

_TYPES = {
    "catalogue.html": "text/html; charset=utf-8",
    "asyncapi.json": "application/vnd.aai.asyncapi+json;version=3.0.0",
    "vectors.json": "application/json",
}
_OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_SCHEMA = "application/schema+json"
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its bytes, plain and packed, its type, and its own content policy (empty: that of all pages)."""

    content: bytes
    compressed: bytes
    content_type: str
    policy: str

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@cache
def document(place: str) -> Document:
    """The document at a place. Made once a process, in a third of a second at most. Raises KeyError."""
    content = makers()[place]()
    return Document(content, gzip.compress(content, mtime=0), _type(place), _policy(place, content))


def _type(place: str) -> str:
    if place.startswith("openapi/"):
        return _OPENAPI
    return _TYPES.get(place, _SCHEMA)


def _policy(place: str, content: bytes) -> str:
    """The page for makers holds its style in itself: that very style is allowed, by its hash, and nothing else."""
    if not place.endswith(".html"):
        return ""
    hashes = (base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE.findall(content))
    styles = " ".join(f"'sha256-{each}'" for each in hashes)
    return f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
