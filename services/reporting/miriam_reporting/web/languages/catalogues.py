"""Catalogues: `locale/<language>.po` of the base and of each part, read as they are and joined into one a language.

The texts in the sources are English, so that English needs no catalogue. Nothing is compiled into the repository.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES: Mapping[str, str] = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
WEB = Path(__file__).parents[1]

Words = NullTranslations
_BEFORE_SIGNS = re.compile("(?<=«) | (?=[:;?!»])")


class Clash(ValueError):
    """Two catalogues translate one text in two ways; the message names the text and the language."""


class Catalogues:
    """The words of each language."""

    def __init__(self) -> None:
        self._words: dict[str, Words] = {"en": NullTranslations()}
        for language in TRANSLATED:
            self._words[language] = _joined(language)

    def of(self, language: str) -> Words:
        """The words of a language: `.gettext(text)`, `.ngettext(one, many, number)`."""
        return self._words[language]


@cache
def catalogues() -> Catalogues:
    """Read once a process."""
    return Catalogues()


def folders() -> Iterator[Path]:
    """The base's folder, then each part's: the folders that have catalogues of their own."""
    yield WEB
    yield from sorted(folder for folder in (WEB / "parts").iterdir() if (folder / "__init__.py").is_file())


def read(folder: Path, language: str) -> Catalog:
    """The catalogue of one folder; an empty one where it has none."""
    file = folder / "locale" / f"{language}.po"
    if not file.is_file():
        return Catalog(locale=language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def _set(text: str | Sequence[str], language: str) -> str | list[str]:
    """A text as it is set: in French no line begins with a sign that a space goes before, or ends with «."""
    if not isinstance(text, str):
        return [str(_set(each, language)) for each in text]
    return _BEFORE_SIGNS.sub("\u00a0", text) if language == "fr" else text


def _joined(language: str) -> Translations:
    whole = Catalog(locale=language)
    for folder in folders():
        for message in read(folder, language):
            if not message.id or not message.string or message.fuzzy:
                continue
            known, string = whole.get(message.id), _set(message.string, language)
            if known is not None and known.string != string:
                raise Clash(f"{language}: {message.id!r} is {known.string!r} and {message.string!r}")
            whole.add(message.id, string)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)
