"""A view as JSON: for programs, with codes and numbers as they are."""

import datetime as dt
from decimal import Decimal
from typing import Any

import orjson
from werkzeug.wrappers import Response

from miriam_reporting.web.asked import Asked
from miriam_reporting.web.view import Cell, View, Withheld, plain


def export(view: View, asked: Asked) -> Response:
    """The view with its position, checkpoint and definitions; a withheld number is `{"withheld": true}`."""
    told = {
        "view": view.code,
        "title": view.title,
        "language": asked.language,
        "edition": view.edition,
        "position": view.position,
        "as_of": view.as_of,
        "checkpoint": view.checkpoint,
        "definitions": view.definitions,
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
    name = f"{view.code}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(orjson.dumps(told, option=orjson.OPT_INDENT_2), headers=headers, content_type="application/json")


def _value(cell: Cell) -> Any:
    value = plain(cell)
    if isinstance(value, Withheld):
        return {"withheld": True}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value
