"""Views as files: CSV for programs and spreadsheets, JSON with everything; and what goes with a CSV beside it."""

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.codes import LANGUAGES
from miriam_reporting.audit.views import Answer, Cell, Question, View
from miriam_reporting.audit.words import column, says, title
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.as_of import looking, origin
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.model import TreeHead

# A spreadsheet takes a cell that begins so for a formula: then whoever wrote the text would run it.
_FORMULA = ("=", "+", "@", "\t", "\r")


def about(connection: Connection, view: View, asked: Question, answer: Answer) -> dict[str, Any]:
    """What a view is of, and how to read it: edition, position, tree head there, definitions, columns in words."""
    with looking(connection):
        head = TreeHead(origin(connection), answer.position, root_at(connection, answer.position))
    return {
        "view": view.name,
        "number": view.number,
        "title": {language: title(language, view) for language in LANGUAGES},
        "says": {language: says(language, view) for language in LANGUAGES},
        "edition": asked.edition,
        "position": answer.position,
        "as_of": answer.position,
        "cpas": asked.cpas,
        "checkpoint": head.as_json(),
        "definitions": current().digest,
        "columns": [
            {"name": each.name, "title": {language: column(language, each.name) for language in LANGUAGES}}
            for each in view.columns
        ],
        "count": len(answer.rows),
    }


def as_json(view: View, answer: Answer, told: Mapping[str, Any]) -> dict[str, Any]:
    """Everything: what the view is of, its rows as objects, and what goes with them."""
    names = [each.name for each in view.columns]
    return {**told, **answer.more, "rows": [dict(zip(names, row, strict=True)) for row in answer.rows]}


def as_csv(view: View, answer: Answer) -> str:
    """The rows alone, under the names of the columns: RFC 4180, lines end in CR LF, nothing stands as an empty field.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; JSON has it as it is.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([each.name for each in view.columns])
    writer.writerows([_csv_cell(cell) for cell in row] for row in answer.rows)
    return text.getvalue()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    text = str(cell)
    danger = text.startswith(_FORMULA) or (text.startswith("-") and isinstance(cell, str) and not _is_amount(text))
    return f"'{text}" if danger else text


def _is_amount(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def as_text(value: Mapping[str, Any]) -> str:
    """JSON as files hold it: the same text for the same value."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> str:
    """Write a file whole or not at all; SHA-256 of what was written, hexadecimal. Raises OSError."""
    content = text.encode()
    handle, name = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return hashlib.sha256(content).hexdigest()


def write_csv(path: Path, view: View, answer: Answer, told: Mapping[str, Any]) -> Path:
    """Write the CSV, and beside it `<file>.meta.json`: what it is of, and its SHA-256. The path of the latter."""
    digest = write(path, as_csv(view, answer))
    beside = path.with_name(f"{path.name}.meta.json")
    with_it = {name: value for name, value in answer.more.items() if name != "report"}
    write(beside, as_text({**told, **with_it, "file": path.name, "sha256": digest}))
    return beside
