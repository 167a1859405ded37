"""What the public would be given of the open draft: small cells withheld, and what keeps them from being worked out."""

from collections import Counter
from collections.abc import Mapping, Sequence

from psycopg2.extensions import connection as Connection

from miriam_platform.database import LOST
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life import archive, domain, drafting
from miriam_reporting.reports.life import telling as life
from miriam_reporting.reports.life.events import read_report
from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.withholding import keeping
from miriam_reporting.reports.withholding.public import given
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.parts.life.lives import report_page
from miriam_reporting.web.parts.life.part import PART
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import figures_table
from miriam_reporting.web.view import Cell, Column, Table, View


@PART.page("/reports/<report>/preview", roles=(Role.AUTHORITY,))
def preview(asked: Asked, report: str) -> Page:
    """The draft as the public would be given it: worked out as publishing does, which takes seconds."""
    _ = asked._
    told = asked.database.ask(lambda connection: life.one(connection, report))
    if told["status"] != "drafted":
        return report_page(asked, report, (_("The report has no open draft: there is nothing to publish."),), 200)
    figures = _would_be(asked, told)
    whole = [each for each in figures if each.level == "total"]
    tables = [_withheld(figures, asked), figures_table("figures", _("What becomes public"), whole, asked)]
    title = _("%(report)s as the public would see it") % {"report": report}
    view = View("public_preview", title, tables, edition=told["edition"], position=told["position"])
    return Page("life/preview.html", view, told=told)


def _would_be(asked: Asked, told: Mapping[str, object]) -> Sequence[Figure]:
    """Every figure of the draft, as it would be given. Raises what drafting and withholding raise."""
    report, edition, position = str(told["report"]), str(told["edition"]), int(str(told["position"]))

    def work(connection: Connection) -> Sequence[Figure]:
        with looking(connection):
            draft = domain.life(read_report(connection, report).state).draft
            assert draft is not None
            definitions = archive.definitions(connection, report, draft["definitions"])
        made = drafting.content(connection, edition, position, definitions)
        withheld = frozenset(keeping.solved(connection, edition, position, definitions, made.figures).figures)
        return [given(Figure.from_json(each), withheld) for each in made.figures]

    with asked.database.one() as database:
        database.ask(lambda connection: connection.cursor().execute("select 1"))
        try:
            return work(database.connection())
        except LOST:
            database.close()
            raise


def _withheld(figures: Sequence[Figure], asked: Asked) -> Table:
    _ = asked._
    all_, hidden = Counter(each.level for each in figures), Counter(each.level for each in figures if each.withheld)
    columns = [
        Column("level", _("Level")),
        Column("figures", _("Figures"), "number"),
        Column("withheld", _("Of these withheld"), "number"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {"level": word(asked.language, "level", level), "figures": all_[level], "withheld": hidden[level]}
        for level in LEVELS
    ]
    return Table("withheld", _("What is withheld, by level"), columns, rows)
