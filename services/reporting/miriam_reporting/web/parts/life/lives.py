"""Where each report stands, and one report's life from its first draft on."""

from flask import url_for

from miriam_reporting.reports.life import telling as life
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions
from miriam_reporting.web.parts.life import telling
from miriam_reporting.web.parts.life.part import PART, READERS
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Link, View


@PART.page("/reports", roles=READERS)
def reports(asked: Asked) -> Page:
    """Every report, the newest first; the authority drafts from here."""
    return reports_page(asked)


@PART.page("/reports/<report>", roles=READERS)
def report(asked: Asked, report: str) -> Page:
    """One report: its steps, its signatures, what was published, and what can be done now."""
    return report_page(asked, report)


def reports_page(asked: Asked, wrong: tuple[str, ...] = ()) -> Page:
    """Every report. `wrong`: why a draft that was asked for was not made."""
    found = asked.database.ask(life.lives)
    link = {each["report"]: Link(each["report"], url_for("life.report", report=each["report"])) for each in found}
    table = telling.reports_table(found, asked, link)
    view = View("reports", asked._("Reports: sign and publish"), [table])
    known = asked.database.ask(editions) if asked.viewer.role is Role.AUTHORITY else ()
    return Page("life/reports.html", view, status=422 if wrong else 200, editions=known, wrong=wrong, form=asked.form)


def report_page(asked: Asked, name: str, wrong: tuple[str, ...] = (), status: int = 422) -> Page:
    """One report. `wrong`: why a step that was asked for was not taken. Raises UnknownReport."""
    told = asked.database.ask(lambda connection: life.one(connection, name))
    own = next((each for each in told["signers"] if each["cpas"] == asked.viewer.cpas), None)
    tables = [telling.steps_table(told, asked)]
    if asked.viewer.role is not Role.CPAS:
        tables.append(telling.signers_table(told, asked))
    if told["publications"]:
        tables.append(telling.publications_table(told, asked))
    title = asked._("Report %(report)s") % {"report": name}
    view = View("report_life", title, tables, edition=told["edition"], position=told["position"])
    more = {"told": told, "own": own, "wrong": wrong, "form": asked.form}
    return Page("life/report.html", view, status=status if wrong else 200, word=telling.status_of(told, asked), **more)
