"""By what figures are computed: the texts of the indicators and of all that they rest on, under digests.

The definition of an indicator is a *manifest*: canonical JSON of its code, its version, and the SHA-256 of every text
that its figures depend on (its own file, the standing facts that it needs, the statements that tally it, the code lists
that its parts name). Its digest is SHA-256 of the manifest. So a changed letter anywhere below is another definition,
and whoever has the texts can run exactly these again (`read`), whatever the code has become since.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from miriam_contracts.canonical import canonical
from miriam_reporting.indicators.definitions import LEVELS_OF_A_ROW, Indicator, aggregates, in_order, indicators, parse
from miriam_reporting.indicators.standing import Standing, needed, standing
from miriam_reporting.indicators.standing import read as read_standing
from miriam_reporting.reports.tallies import statements

CURRENT = "current"
_STANDING = "standing/"
_AGGREGATES = "aggregates/"
_CODES = "codes.json"


class BadArchive(Exception):
    """A text that definitions need is missing, or is not what its digest says. The message names it."""


@dataclass(frozen=True)
class Definitions:
    """Indicators by code, and the standing facts that they are counted from. `name` is `current` or a report's id."""

    name: str
    indicators: Mapping[str, Indicator]
    standing: Sequence[Standing]
    aggregates: Mapping[str, str]

    @cached_property
    def manifests(self) -> Mapping[str, str]:
        """The manifest of each indicator, by code."""
        return {code: _text(_manifest(each, self.texts_of(code))) for code, each in self.indicators.items()}

    @cached_property
    def listing(self) -> list[dict[str, Any]]:
        """Code, version and digest of each indicator: what a publication says of them."""
        return [
            {"code": code, "version": self.indicators[code].version, "digest": digest_of(manifest)}
            for code, manifest in self.manifests.items()
        ]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical listing: one value for all of them."""
        return digest_of(_text(self.listing))

    def digest_of(self, code: str) -> str:
        """The digest of one indicator's definition. Raises KeyError."""
        return digest_of(self.manifests[code])

    def texts_of(self, code: str) -> dict[str, str]:
        """Every text that the figures of an indicator depend on, by name. Raises KeyError."""
        indicator = self.indicators[code]
        found = {indicator.file: indicator.text}
        for each in needed(statements(indicator), self.standing):
            found[_STANDING + each.file] = each.statement
        for file in (*(section.query.aggregate for section in indicator.sections), LEVELS_OF_A_ROW):
            found[_AGGREGATES + file] = self.aggregates[file]
        if indicator.lists:
            found[_CODES] = _text({name: list(each) for name, each in indicator.lists.items()})
        return found

    def archive(self) -> dict[str, tuple[str, str]]:
        """What must be kept to run these again, by digest: name and text. The listing is called `definitions`."""
        named = [("definitions", _text(self.listing))]
        for code, manifest in self.manifests.items():
            named += [(code, manifest), *self.texts_of(code).items()]
        return {digest_of(text): (name, text) for name, text in named}


@cache
def current() -> Definitions:
    """The definitions of this code."""
    return Definitions(CURRENT, indicators(), standing(), aggregates())


def read(name: str, digests: Iterable[str], texts: Mapping[str, str]) -> Definitions:
    """Definitions from an archive: `digests` of the indicators, `texts` by digest.

    Every text is hashed again. Raises BadArchive where one is missing or another than it should be, and where two
    indicators disagree in what they share.
    """
    shared: dict[str, str] = {}
    own: list[tuple[str, dict[str, str]]] = []
    for digest in digests:
        manifest = json.loads(_checked(digest, texts, "an indicator's manifest"))
        of_code = {file: _checked(sha256, texts, file) for file, sha256 in manifest["texts"].items()}
        own.append((manifest["code"], of_code))
        for file, text in of_code.items():
            if "/" in file and shared.setdefault(file, text) != text:
                raise BadArchive(f"{manifest['code']}: another {file} than the other indicators")
    tallied_by = {file.removeprefix(_AGGREGATES): text for file, text in shared.items() if file.startswith(_AGGREGATES)}
    found = []
    for code, of_code in own:
        lists = {key: tuple(each) for key, each in json.loads(of_code.get(_CODES, "{}")).items()}
        file = next(file for file in of_code if "/" not in file and file != _CODES)
        indicator = parse(file, of_code[file], lists, tallied_by)
        if indicator.code != code:
            raise BadArchive(f"{file} is of {indicator.code}, not of {code}")
        found.append(indicator)
    standing_texts = {file.removeprefix(_STANDING): text for file, text in shared.items() if file.startswith(_STANDING)}
    made = Definitions(name, in_order(found), read_standing(standing_texts), tallied_by)
    if {each["digest"] for each in made.listing} != set(digests):
        raise BadArchive(f"the definitions of {name} do not read as they were written")
    return made


def digest_of(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _manifest(indicator: Indicator, texts: Mapping[str, str]) -> dict[str, Any]:
    named = {name: digest_of(text) for name, text in texts.items()}
    return {"code": indicator.code, "texts": named, "version": indicator.version}


def _checked(digest: str, texts: Mapping[str, str], what: str) -> str:
    text = texts.get(digest)
    if text is None:
        raise BadArchive(f"{what}: no text is kept under {digest}")
    if digest_of(text) != digest:
        raise BadArchive(f"{what}: the text kept under {digest} is another")
    return text


def _text(value: Any) -> str:
    return canonical(value).decode()
