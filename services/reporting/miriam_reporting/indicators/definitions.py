"""The indicators as their files define them: names, rule, and for each group of parts the query of its evidence.

A file has a heading, then sections: the groups of parts that one query yields, how they count, the query.

  -- [part]                           the part '': every row, whatever its category
  -- [part] measure = hours           one part, by a name of its own
  -- [own] domain = LIFE_DOMAINS      a part for each code; a row belongs to the part that its `category` names
  -- [shared] reason = EXIT_REASONS   a part for each code; a numerator row of one is a denominator row of the others,
                                      and a row without category stands in each of them
  codes: a list of miriam_contracts.codes, `A | b | c`, `LIST but a | b`, or `*` (the categories that the data hold)

  -- kind: share                      as COUNTING.md defines it
  -- unit: women                      of the value
  -- value: numerator                 the value is the numerator, not the share
  -- divide: 60                       units of amount in a unit of value
  -- each: row                        each row has a unit of its own, so rows are counted and units need not be compared
  -- each: woman                      likewise, and the row stands in each of her `places`, which the query yields
  -- place: spot                      the query yields where a row counts as `spot` alone; with `names` as `cpas` and
                                      `project` alone; without this line as either
  -- unregistered: no region          a CPAS that is not registered lies in no region, not in `unknown`
  -- units: numbered                  the query yields `unit_no` too, by which units are told apart faster
  -- repeats: marked                  rows marked `again` show further events of a unit, and are not counted anew
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast, get_args

from miriam_contracts import codes

Kind = Literal["share", "count", "sum", "per_unit", "mean", "median", "paired"]
Membership = Literal["part", "own", "shared"]
Each = Literal["unit", "row", "woman"]
Place = Literal["either", "spot", "names", "places"]

_WITH_AMOUNT = ("sum", "per_unit", "mean", "median", "paired")
_BLOCK = re.compile(r"(?:^-- \[(?:part|own|shared)\].*\n)+", re.MULTILINE)
_PARTS = re.compile(r"-- \[(part|own|shared)\] *(.*)")
_LINE = re.compile(r"-- (\w+): (.+)")
_FILE = re.compile(r"[id]\d\d_\w+\.sql")
_NAMES = ("fr", "nl", "de", "en")
_LIST = re.compile(r"= *([A-Z][A-Z_]+)(?: but .*)?$")
# How evidence is tallied, by what its rows stand for; of medians always in a way of their own.
_AGGREGATES = {"row": "rows.sql", "unit": "units.sql", "woman": "women.sql"}
_MEDIANS = "medians.sql"
LEVELS_OF_A_ROW = "levels.sql"


class BadDefinition(ValueError):
    """An indicator's file that cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of evidence rows, and which columns it has beside the common ones.

    `frame` is the statement that tallies it, with `{evidence}` in its place; `aggregate` the file that it is of.
    """

    text: str
    aggregate: str
    frame: str
    kind: Kind
    each: Each
    place: Place
    unregistered_has_region: bool
    has_category: bool
    numbers_units: bool
    marks_repeats: bool

    @property
    def has_amount(self) -> bool:
        """Whether it yields the column `amount`."""
        return self.kind in _WITH_AMOUNT


@dataclass(frozen=True, slots=True)
class Section:
    """A group of parts of one query. `categories` is None where the data tell them; one, maybe '', of a single part."""

    membership: Membership
    key: str
    categories: tuple[str, ...] | None
    unit: str
    value_is_numerator: bool
    divide: int
    query: Query

    @property
    def kind(self) -> Kind:
        """How its figures are computed."""
        return self.query.kind

    def part(self, category: str) -> str:
        """How the part of a category is written: '' or `key=value`."""
        return f"{self.key}={category}" if self.key else ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the set, or one family of figures.

    `text` is what its file holds, `lists` the code lists that its parts name.
    """

    file: str
    text: str
    lists: Mapping[str, tuple[str, ...]]
    code: str
    name: str
    version: int
    names: Mapping[str, str]
    source: str
    rule: str
    sections: tuple[Section, ...]

    def section_of(self, part: str) -> Section:
        """The section that yields a part. Raises KeyError where none does."""
        key, _, category = part.partition("=")
        for section in self.sections:
            if section.key == key and (section.categories is None or category in section.categories):
                return section
        raise KeyError(part)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every indicator by code as this code has them, in the order of reports: I01 ... I16, D01 ... D08."""
    folder = resources.files("miriam_reporting.indicators")
    return in_order(
        parse(file.name, file.read_text("utf-8")) for file in folder.iterdir() if _FILE.fullmatch(file.name)
    )


def in_order(found: Iterable[Indicator]) -> Mapping[str, Indicator]:
    """Indicators by code, in the order of reports."""
    ordered = sorted(found, key=lambda indicator: (indicator.code[0] != "I", indicator.code))
    return {indicator.code: indicator for indicator in ordered}


@cache
def aggregates() -> Mapping[str, str]:
    """The statements that tally evidence, by file, as this code has them."""
    folder = resources.files("miriam_reporting").joinpath("reports", "aggregates")
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql")}


def parse(
    file: str,
    text: str,
    lists: Mapping[str, tuple[str, ...]] | None = None,
    tallied_by: Mapping[str, str] | None = None,
) -> Indicator:
    """An indicator from the text of its file; with code lists and aggregates of another day, where they are given.

    Raises BadDefinition.
    """
    tallied_by = aggregates() if tallied_by is None else tallied_by
    lists = _lists(file, text) if lists is None else lists
    blocks = list(_BLOCK.finditer(text))
    if not blocks:
        raise BadDefinition(f"{file}: no section")
    heading = _options(text[: blocks[0].start()].splitlines())
    missing = [name for name in ("code", "name", "version", *_NAMES, "source", "rule") if name not in heading]
    if missing:
        raise BadDefinition(f"{file}: the heading lacks {', '.join(missing)}")
    ends = [block.start() for block in blocks[1:]] + [len(text)]
    return Indicator(
        file=file,
        text=text,
        lists=lists,
        code=heading["code"],
        name=heading["name"],
        version=int(heading["version"]),
        names={language: heading[language] for language in _NAMES},
        source=heading["source"],
        rule=heading["rule"],
        sections=tuple(
            section
            for block, end in zip(blocks, ends, strict=True)
            for section in _sections(file, block.group(), text[block.end() : end], lists, tallied_by)
        ),
    )


def _lists(file: str, text: str) -> dict[str, tuple[str, ...]]:
    named = {match[1] for line in text.splitlines() if _PARTS.fullmatch(line) and (match := _LIST.search(line))}
    if unknown := [name for name in sorted(named) if not hasattr(codes, name)]:
        raise BadDefinition(f"{file}: the contracts have no code list {', '.join(unknown)}")
    return {name: tuple(getattr(codes, name)) for name in sorted(named)}


def _options(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in lines:
        if match := _LINE.fullmatch(line):
            last = match[1]
            found[last] = match[2]
        elif last and line.startswith("--   "):
            found[last] += " " + line[5:].strip()
    return found


def _sections(
    file: str, marks: str, body: str, lists: Mapping[str, tuple[str, ...]], tallied_by: Mapping[str, str]
) -> Iterator[Section]:
    lines = body.strip("\n").splitlines()
    count = next(i for i, line in enumerate(lines) if not _LINE.fullmatch(line))
    options = _options(lines[:count])
    groups = [match.groups() for line in marks.splitlines() if (match := _PARTS.fullmatch(line))]
    kind, each = options.get("kind"), options.get("each", "unit")
    place = options.get("place", "places" if each == "woman" else "either")
    known = kind in get_args(Kind) and each in get_args(Each) and place in get_args(Place)
    if not known or "unit" not in options:
        raise BadDefinition(f"{file}: {marks.strip()} needs a unit and a kind of {', '.join(get_args(Kind))}")
    aggregate = _MEDIANS if kind == "median" else _AGGREGATES[each]
    query = Query(
        text="\n".join(lines[count:]).strip(),
        aggregate=aggregate,
        frame=tallied_by[aggregate].replace("{levels}", tallied_by[LEVELS_OF_A_ROW].rstrip("\n")),
        kind=cast(Kind, kind),
        each=cast(Each, each),
        place=cast(Place, place),
        unregistered_has_region="unregistered" not in options,
        has_category=any(membership != "part" for membership, _ in groups),
        numbers_units=options.get("units") == "numbered",
        marks_repeats=options.get("repeats") == "marked",
    )
    if query.has_category and each == "unit" and any(membership == "part" for membership, _ in groups):
        # Distinct units of several categories cannot be added up.
        raise BadDefinition(f"{file}: a whole beside its parts needs `each: row`")
    for membership, parts in groups:
        key, _, listed = (piece.strip() for piece in parts.partition("="))
        yield Section(
            membership=cast(Membership, membership),
            key=key,
            categories=_categories(file, listed, lists),
            unit=options["unit"],
            value_is_numerator=options.get("value") == "numerator",
            divide=int(options.get("divide", "1")),
            query=query,
        )


def _categories(file: str, listed: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    if listed == "*":
        return None
    wanted, _, unwanted = listed.partition(" but ")
    left_out = {code.strip() for code in unwanted.split("|")} if unwanted else set()
    if wanted.isupper():
        if wanted not in lists:
            raise BadDefinition(f"{file}: there is no code list {wanted}")
        found = lists[wanted]
    else:
        found = tuple(code.strip() for code in wanted.split("|"))
    return tuple(code for code in found if code not in left_out)
