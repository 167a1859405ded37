"""The page of every place of a level, fifty at once, and its picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.addresses import same_with
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.outcomes.numbers import count, drawable, value
from miriam_reporting.web.parts.outcomes.places import Place, levels_of
from miriam_reporting.web.parts.outcomes.progress import COMPARED, name, places_picture, places_said, places_table
from miriam_reporting.web.parts.outcomes.saying import about_intervals, of_shares
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.parts.outcomes.sections import Picture, Section, address
from miriam_reporting.web.telling import view_of
from miriam_reporting.web.view import Cell, Column, Link, Table

AT_ONCE = 50
CODES = ("I01", *(code for code, _ in COMPARED))
PARTS = tuple({part for _, part in COMPARED})


def page(found: Scene, level: str) -> Page:
    """Every place of the level; `figure` names the share that is drawn, `page` the fifty that are shown.

    The scene holds CODES at the level and at the total, of PARTS.
    """
    asked, edition = found.asked, found.report.edition
    code, part = _chosen(asked)
    shown, at, of = _slice(asked, found, level, code, part)
    table = places_table(found, level, code, part, shown)
    notes = (about_intervals(asked), of_shares(asked))
    more: dict[str, Any] = {"level": level, "figure": _key(code, part), "page": at}
    drawn = Section(
        table, address(found, "places", **more) if drawable(table, "denominator") else None, places_said(found), notes
    )
    sections = [drawn, Section(_overview(found, level, shown))]
    title = word(asked.language, "level", level)
    view = view_of(found.report, "places", f"{title} · {edition}", [each.table for each in sections])
    return Page(
        "outcomes/places.html",
        view,
        sections=sections,
        steps=steps(found),
        levels=_levels(found, level, _key(code, part)),
        figures=[(_key(*each), name(*each, asked.language)) for each in COMPARED],
        figure=_key(code, part),
        page=at,
        of=of,
        turn=_turn,
    )


def picture(asked: Asked) -> Picture:
    """The picture of that page: the same share, the same places."""
    code, part = _chosen(asked)
    level = asked.args.get("level", "")
    if level not in LEVELS[1:]:
        raise Unknown(f"level: {', '.join(LEVELS[1:])}")

    def draw(found: Scene) -> bytes | None:
        shown, _, _ = _slice(asked, found, level, code, part)
        return places_picture(found, level, code, part, shown)

    return Picture((code,), draw, (level, "total"), (part,))


def steps(found: Scene) -> list[tuple[str, str]]:
    """The way that leads to a page about these figures."""
    _ = found.asked._
    if found.is_public:
        first, of = (_("Published reports"), url_for("published.reports")), found.report.definitions
    else:
        first, of = (_("Editions"), url_for("report.editions")), found.report.edition
    return [first, (of, found.addresses.of(found.addresses.report))]


def _levels(found: Scene, shown: str, figure: str) -> list[tuple[str, str, bool]]:
    levels = LEVELS[1:] if found.is_public else levels_of(found.asked)
    to = found.addresses
    return [
        (word(found.asked.language, "level", each), to.of(to.by, level=each, figure=figure), each == shown)
        for each in levels
    ]


def _turn(page: int) -> str:
    return same_with(page=page)


def _key(code: str, part: str) -> str:
    return f"{code}:{part}" if part else code


def _chosen(asked: Asked) -> tuple[str, str]:
    told = asked.args.get("figure") or _key(*COMPARED[0])
    known = {_key(*each): each for each in COMPARED}
    if told not in known:
        raise Unknown(f"figure: {', '.join(known)}")
    return known[told]


def _slice(asked: Asked, found: Scene, level: str, code: str, part: str) -> tuple[Sequence[Figure], int, int]:
    """The figures of the page that was asked for, which page it is, and of how many."""
    every = found.across(level, code, part)
    if asked.exporting:
        return every, 1, 1
    of = max(1, -(-len(every) // AT_ONCE))
    told = asked.args.get("page", "1")
    if not (told.isascii() and told.isdigit() and len(told) <= 9 and 1 <= int(told) <= of):
        raise Unknown(f"page: from 1 to {of}")
    at = int(told)
    return every[(at - 1) * AT_ONCE : at * AT_ONCE], at, of


def _overview(found: Scene, level: str, shown: Sequence[Figure]) -> Table:
    """How many women, and each share, at the places that are shown; each leads to the report of its place."""
    asked, _ = found.asked, found.asked._
    women = {each.by.get(level, ""): each for each in found.across(level, "I01")}
    shares = {_key(*each): {one.by.get(level, ""): one for one in found.across(level, *each)} for each in COMPARED}
    rows: list[Mapping[str, Cell]] = []
    for figure in shown:
        place = Place(level, figure.by.get(level, ""))
        to = found.addresses.of(found.addresses.report, place=place.key)
        cells: dict[str, Cell] = {key: value(by_place.get(place.value)) for key, by_place in shares.items()}
        rows.append({"place": Link(found.names.of(place), to), "women": count(women.get(place.value)), **cells})
    columns = [
        Column("place", word(asked.language, "level", level)),
        Column("women", _("Women supported"), "number"),
        *(Column(_key(*each), name(*each, asked.language), "percent") for each in COMPARED),
    ]
    return Table("overview", _("The shares beside each other"), columns, rows)
