"""A view as JSON: for programs, with codes and numbers as they are."""

import datetime as dt
from decimal import Decimal
from typing import Any

import orjson

from miriam_reporting.web.explained import in_words
from miriam_reporting.web.exports.carried import Carried
from miriam_reporting.web.view import Cell, Withheld, plain

CONTENT_TYPE = "application/json"


def written(carried: Carried) -> bytes:
    """The view with its position, checkpoint and definitions; a withheld number is `{"withheld": true}`."""
    view, language = carried.view, carried.asked.language
    told = {
        "view": view.code,
        "title": view.title,
        "language": language,
        "edition": view.edition,
        "position": view.position,
        "as_of": view.as_of,
        "checkpoint": view.checkpoint,
        "definitions": view.definitions,
        "definitions_digest": carried.definitions.digest,
        "figures": [
            {
                "code": each.code,
                "name": each.names[language],
                "words": in_words(each, carried.asked),
                "rule": each.rule,
                "source": each.source,
                "version": each.version,
                "digest": carried.definitions.digest_of(each.code),
            }
            for each in carried.figures
        ],
        "tables": [
            {
                "code": table.code,
                "title": table.title,
                "columns": [
                    {"key": each.key, "title": each.title, "kind": each.kind, "unit": each.unit}
                    for each in table.columns
                ],
                "rows": [{column.key: _value(row.get(column.key)) for column in table.columns} for row in table.rows],
                "note": table.note,
            }
            for table in view.tables
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _value(cell: Cell) -> Any:
    value = plain(cell)
    if isinstance(value, Withheld):
        return {"withheld": True}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value
