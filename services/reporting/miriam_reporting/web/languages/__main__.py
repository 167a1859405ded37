"""`python -m miriam_reporting.web.languages extract|check`: brings the catalogues up to the sources;
finds what is missing.

Exit codes: 0 done, all is translated; 1 something is not, and it is listed; 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from miriam_reporting.web.languages.catalogues import TRANSLATED, WEB, folders, read
from miriam_reporting.web.languages.sources import Text, texts


def main() -> int:
    """Run one command; answer its exit code."""
    parser = argparse.ArgumentParser(prog="python -m miriam_reporting.web.languages", description=__doc__)
    parser.add_argument("command", choices=("extract", "check"))
    if parser.parse_args().command == "extract":
        for folder in folders():
            _extract(folder)
    found = missing()
    print("\n".join(found) or "every text is translated")
    return 1 if found else 0


def missing() -> list[str]:
    """What keeps the catalogues from being whole, a line each."""
    found: list[str] = []
    for folder in folders():
        wanted = texts(folder)
        for language in TRANSLATED:
            catalogue = read(folder, language)
            place = f"{folder.relative_to(WEB.parent)}/locale/{language}.po"
            found += [f"{place}: not there: {_id(each)!r}" for each in wanted if each not in catalogue]
            for message in catalogue:
                if not message.id:
                    continue
                if message.id not in wanted:
                    found.append(f"{place}: no source has it any more: {_id(message.id)!r}")
                elif message.fuzzy or not all(_strings(message.string)):
                    found.append(f"{place}: not translated: {_id(message.id)!r}")
                found += [f"{place}: {_id(message.id)!r}: {problem}" for problem in message.check(catalogue)]
            found += [f"{place}: obsolete: {_id(each)!r}" for each in catalogue.obsolete]
    return found + _clashes()


def _clashes() -> list[str]:
    """Texts that two folders translate in two ways, which no application can be made of."""
    found: list[str] = []
    for language in TRANSLATED:
        known: dict[object, tuple[object, Path]] = {}
        for folder in folders():
            for message in read(folder, language):
                if not message.id or not all(_strings(message.string)):
                    continue
                string, first = known.setdefault(message.id, (message.string, folder))
                if string != message.string:
                    where = f"{folder.relative_to(WEB.parent)}/locale/{language}.po"
                    found.append(
                        f"{where}: {_id(message.id)!r} is {string!r} in {first.name}, and {message.string!r} here"
                    )
    return found


def _extract(folder: Path) -> None:
    wanted = texts(folder)
    if not wanted:
        return
    (folder / "locale").mkdir(exist_ok=True)
    for language in TRANSLATED:
        old, new = read(folder, language), Catalog(locale=language, fuzzy=False)
        for each in wanted:
            # What another folder says already is said the same way here.
            known = old.get(each) or _elsewhere(each, language)
            new.add(each, known.string if known else None, flags=set(known.flags) & {"fuzzy"} if known else ())
        with (folder / "locale" / f"{language}.po").open("wb") as file:
            write_po(file, new, omit_header=True, no_location=True, width=116)


def _elsewhere(text: Text, language: str) -> Message | None:
    found = (read(folder, language).get(text) for folder in folders())
    return next((message for message in found if message and all(_strings(message.string))), None)


def _id(message: object) -> object:
    return message[0] if isinstance(message, tuple | list) else message


def _strings(string: object) -> list[object]:
    return list(string) if isinstance(string, tuple | list) else [string]


if __name__ == "__main__":
    sys.exit(main())
