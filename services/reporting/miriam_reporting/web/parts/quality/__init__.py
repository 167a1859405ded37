"""Data quality: what does not match, is incomplete, late or missing; what each means, and what can be done about it."""

from collections.abc import Iterable, Mapping, Sequence

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import label, word
from miriam_reporting.web import links
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.figures import figures_for
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.outcomes.places import Place, names
from miriam_reporting.web.parts.quality.meaning import meanings
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import figures_table, name_of, value_of, view_of
from miriam_reporting.web.view import Cell, Column, Link, Table

PART = Part("quality")
_LETTER = "D"
# Of the parts of a figure these alone are told by CPAS: the whole is of everything else.
_PARTS_BY_CPAS = {"D06"}


@PART.page("/editions/<edition>/quality", roles=(Role.CPAS, Role.AUTHORITY, Role.AUDITOR))
def quality(asked: Asked, edition: str) -> Page:
    """The quality of an edition's data, by CPAS; a CPAS sees its own."""
    _ = asked._
    as_of = asked.args.get("as_of") or None
    own = asked.viewer.role is Role.CPAS
    codes = [code for code in indicators() if code.startswith(_LETTER)]
    found = figures_for(asked, edition, as_of, ("total", "cpas"), codes)
    known = found.figures
    whole = [each for each in known if each.level == ("cpas" if own else "total")]
    tables = [_overview(whole, edition, as_of, asked)]
    if not own:
        tables.append(_by_cpas([each for each in known if each.level == "cpas"], edition, as_of, asked))
    parts = {code: _parts(code, whole, asked) for code in meanings(asked)}
    tables += [table for table in parts.values() if table]
    title = _("Data quality of edition %(edition)s") % {"edition": edition}
    view = view_of(found, "quality", title, tables)
    told = {code: (indicators()[code].names[asked.language], *said) for code, said in meanings(asked).items()}
    return Page("quality/quality.html", view, edition=edition, told=told, parts=parts, own=own)


def _overview(figures: Iterable[Figure], edition: str, as_of: str | None, asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("code", _("Code"), "code"),
        Column("figure", _("Figure")),
        Column("value", _("Value"), "decimal"),
        Column("unit", _("Unit")),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "code": each.code,
            "figure": Link(name_of(each, asked.language), links.evidence(edition, each, as_of)),
            "value": value_of(each),
            "unit": word(asked.language, "unit", each.unit),
            "numerator": each.numerator,
            "denominator": each.denominator,
        }
        for each in figures
        if not each.part or each.code in _PARTS_BY_CPAS
    ]
    return Table("quality", _("At a glance"), columns, rows)


def _by_cpas(figures: Sequence[Figure], edition: str, as_of: str | None, asked: Asked) -> Table:
    _ = asked._
    shown = [each for each in figures if not each.part or each.code in _PARTS_BY_CPAS]
    headings = {f"{each.code} {each.part}": each for each in shown}
    columns = [
        Column("cpas", word(asked.language, "level", "cpas")),
        Column("id", _("Code"), "code"),
        *(
            Column(key, _heading(each, asked), "decimal", word(asked.language, "unit", each.unit))
            for key, each in headings.items()
        ),
    ]
    rows: dict[str, dict[str, Cell]] = {}
    called = names(asked)
    for each in shown:
        cpas = each.by["cpas"]
        row = rows.setdefault(cpas, {"cpas": called.of(Place("cpas", cpas)), "id": cpas})
        row[f"{each.code} {each.part}"] = _leading(value_of(each), links.evidence(edition, each, as_of))
    return Table("by_cpas", _("By CPAS"), columns, [rows[cpas] for cpas in sorted(rows)])


def _heading(figure: Figure, asked: Asked) -> str:
    """A short one: of a part, its own name."""
    named = label(indicators()[figure.code], figure.part, asked.language)
    return f"{figure.code} {named}"


def _parts(code: str, figures: Iterable[Figure], asked: Asked) -> Table | None:
    """The parts of a figure that are not nothing."""
    some = [each for each in figures if each.code == code and each.part and each.numerator]
    if not some or code in _PARTS_BY_CPAS:
        return None
    return figures_table(f"parts_{code}", indicators()[code].names[asked.language], some, asked)


def _leading(value: Cell, address: str) -> Cell:
    return value if value is None or isinstance(value, Link) else Link(value, address)
