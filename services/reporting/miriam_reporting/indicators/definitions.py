"""The indicators as their files define them: names, rule, and for each group of parts the query of its evidence.

A file has a heading, then sections. A section begins with the parts that it yields:

  -- [part]                            the part ''
  -- [part] measure = hours            one part
  -- [own] domain = LIFE_DOMAINS       a part for each code; a row belongs to the part that its `category` names
  -- [shared] reason = EXIT_REASONS    a part for each code; a numerator row of one is a denominator row of the others,
                                       and a row without category stands in each of them
  codes:  a list of miriam_contracts.codes, `A | b | c`, `LIST but a | b`, or `*` (the categories that the data hold)

and goes on with `-- kind:`, `-- unit:`, and where needed `-- value: numerator`, `-- divide: 60` (units of amount in a
unit of value) and `-- each: row` (every row has a unit of its own, so rows are counted and units need not be compared).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from miriam_contracts import codes

Kind = Literal["share", "count", "sum", "per_unit", "mean", "median", "paired"]
Membership = Literal["part", "own", "shared"]

_KINDS = ("share", "count", "sum", "per_unit", "mean", "median", "paired")
_WITH_AMOUNT = ("sum", "per_unit", "mean", "median", "paired")
_SECTION = re.compile(r"^-- \[(part|own|shared)\] *(.*)$", re.MULTILINE)
_LINE = re.compile(r"-- (\w+): (.+)")
_NAMES = ("fr", "nl", "de", "en")


class BadDefinition(ValueError):
    """An indicator's file that cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Section:
    """One query and the parts it yields. `categories` is None where the data tell them; ('',) of a single part."""

    membership: Membership
    key: str
    categories: tuple[str, ...] | None
    kind: Kind
    unit: str
    value_is_numerator: bool
    divide: int
    rows_are_units: bool
    query: str

    @property
    def has_category(self) -> bool:
        """Whether the query yields the column `category`."""
        return self.membership != "part"

    @property
    def has_amount(self) -> bool:
        """Whether the query yields the column `amount`."""
        return self.kind in _WITH_AMOUNT

    def category_of_rows(self, category: str) -> str:
        """The category that the rows of a part carry: those of a single part carry none."""
        return "" if self.membership == "part" else category

    def part(self, category: str) -> str:
        """How the part of a category is written: '' or `key=value`."""
        return f"{self.key}={category}" if self.key else ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the set, or one family of figures. `digest` is SHA-256 of its file: what it was computed by."""

    code: str
    name: str
    version: int
    names: Mapping[str, str]
    source: str
    rule: str
    sections: tuple[Section, ...]
    digest: str

    def section_of(self, part: str) -> Section:
        """The section that yields a part. Raises KeyError where none does."""
        key, _, category = part.partition("=")
        for section in self.sections:
            if section.key == key and (section.categories is None or category in section.categories):
                return section
        raise KeyError(part)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every indicator by code, in the order of reports: I01 ... I16, D01 ... D08."""
    folder = resources.files("miriam_reporting.indicators")
    found = [
        parse(file.name, file.read_text("utf-8")) for file in folder.iterdir() if re.match(r"[id]\d\d_", file.name)
    ]
    found.sort(key=lambda indicator: (indicator.code[0] != "I", indicator.code))
    return {indicator.code: indicator for indicator in found}


def parse(file: str, text: str) -> Indicator:
    """An indicator from the text of its file. Raises BadDefinition."""
    pieces = _SECTION.split(text)
    heading = _heading(pieces[0])
    missing = [name for name in ("code", "name", "version", *_NAMES, "source", "rule") if name not in heading]
    if missing:
        raise BadDefinition(f"{file}: the heading lacks {', '.join(missing)}")
    sections = tuple(_section(file, *three) for three in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True))
    if not sections:
        raise BadDefinition(f"{file}: no section")
    return Indicator(
        code=heading["code"],
        name=heading["name"],
        version=int(heading["version"]),
        names={language: heading[language] for language in _NAMES},
        source=heading["source"],
        rule=heading["rule"],
        sections=sections,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def standing() -> Iterator[tuple[str, str]]:
    """Names and statements of the standing facts that evidence queries read, in the order in which they are made."""
    folder = resources.files("miriam_reporting.indicators").joinpath("standing")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield file.name[3:].removesuffix(".sql"), file.read_text("utf-8")


def _heading(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            last = match[1]
            found[last] = match[2]
        elif last and line.startswith("--   "):
            found[last] += " " + line[5:].strip()
    return found


def _section(file: str, membership: str, parts: str, body: str) -> Section:
    lines = body.strip("\n").splitlines()
    count = next(i for i, line in enumerate(lines) if not _LINE.fullmatch(line))
    options = _heading("\n".join(lines[:count]))
    kind = options.get("kind")
    if kind not in _KINDS or "unit" not in options:
        raise BadDefinition(f"{file}: section {parts!r} needs a kind ({', '.join(_KINDS)}) and a unit")
    key, _, listed = (piece.strip() for piece in parts.partition("="))
    return Section(
        membership=membership,  # type: ignore[arg-type]
        key=key,
        categories=_categories(file, listed),
        kind=kind,  # type: ignore[arg-type]
        unit=options["unit"],
        value_is_numerator=options.get("value") == "numerator",
        divide=int(options.get("divide", "1")),
        rows_are_units=options.get("each") == "row",
        query="\n".join(lines[count:]).strip(),
    )


def _categories(file: str, listed: str) -> tuple[str, ...] | None:
    if listed == "*":
        return None
    wanted, _, unwanted = listed.partition(" but ")
    left_out = {code.strip() for code in unwanted.split("|")}
    if wanted.isupper():
        found = getattr(codes, wanted, None)
        if found is None:
            raise BadDefinition(f"{file}: the contracts have no code list {wanted}")
    else:
        found = tuple(code.strip() for code in wanted.split("|"))
    return tuple(code for code in found if code not in left_out or not unwanted)
