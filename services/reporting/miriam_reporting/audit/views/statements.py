"""Views that are one SQL statement over what stood at a position: a heading names the view and its columns."""

import re
from importlib import resources

from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_reporting.audit.views.model import Answer, Question, View, columns, plain
from miriam_reporting.reports.snapshot import snapshot

CHANGING = tuple(each.type for each in EVENT_TYPES.values() if each.fact in ("corrected", "retracted"))
_RETRACTED = tuple(each.type for each in EVENT_TYPES.values() if each.fact == "retracted")
_HEADING = re.compile(r"-- view: (\d+) (\w+)\n-- columns: (.+(?:\n--   .+)*)\n")


def text_of(name: str) -> str:
    """The text of a file of this folder."""
    return resources.files(__package__).joinpath(f"{name}.sql").read_text("utf-8")


def statement_view(name: str) -> View:
    """The view of a file. Raises ValueError for a file without heading."""
    text = text_of(name)
    heading = _HEADING.match(text)
    if heading is None or heading[2] != name:
        raise ValueError(f"{name}.sql: its heading must name the view and its columns")
    statement = text[heading.end() :]

    def answer(connection: Connection, asked: Question) -> Answer:
        with snapshot(connection, asked.edition, asked.as_of, [statement]) as position, connection.cursor() as cursor:
            cursor.execute(statement, parameters(asked, position))
            return Answer(position, [tuple(map(plain, row)) for row in cursor])

    return View(int(heading[1]), name, columns(heading[3].replace("\n--", " ")), answer)


def parameters(asked: Question, position: int) -> dict[str, object]:
    """What a view's statement may name: edition, position, cpas, and the types of changes."""
    return {
        "edition": asked.edition,
        "position": position,
        "cpas": asked.cpas,
        "changing": list(CHANGING),
        "retracted": list(_RETRACTED),
    }
