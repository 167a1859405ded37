"""The schemas of what reporting gives to anybody: publications, with small cells withheld."""

from miriam_contracts import ids
from miriam_contracts.documents.json_schema import JsonSchema, anchored

_TEXT: JsonSchema = {"type": "string"}
_COUNT: JsonSchema = {"type": "integer", "minimum": 0}
_FLAG: JsonSchema = {"type": "boolean"}
_NUMBER_OR_NOTHING: JsonSchema = {"type": ["integer", "null"]}
_PUBLICATION: dict[str, JsonSchema] = {
    "report": _TEXT,
    "edition": _TEXT,
    "occurred_on": _TEXT,
    "position": _COUNT,
    "root": _TEXT,
    "digest": {"type": "string", "description": "The salted digest of the full figures."},
    "checkpoint": {"type": "string", "description": "The signed and cosigned head that it rests on."},
    "definitions": {"type": "array", "items": {"type": "object"}},
    "unsigned": {"type": "array", "items": _TEXT, "description": "The CPAS that have not signed."},
    "event_id": {"type": "string", "pattern": anchored(ids.UUID_PATTERN)},
    "restated": _FLAG,
}
_WHERE_GIVEN: dict[str, JsonSchema] = {"unsigned_reason": _TEXT, "reason": _TEXT}


def schemas() -> dict[str, JsonSchema]:
    """By name."""
    figure: dict[str, JsonSchema] = {
        "code": {"type": "string", "pattern": "^[ID][0-9]{2}$", "description": "The indicator."},
        "by": {"type": "object", "additionalProperties": _TEXT},
        "numerator": _NUMBER_OR_NOTHING,
        "denominator": _NUMBER_OR_NOTHING,
        "value": {"type": ["integer", "string", "null"]},
        "unit": _TEXT,
        "excluded": {"type": "null", "description": "What was left out is told of no figure."},
        "withheld": {"type": "boolean", "description": "Nothing is told of it: not either whether it is small."},
    }
    publication = _thing("A publication.", _PUBLICATION)
    return {
        "Publication": publication,
        "Publications": {
            "type": "object",
            "description": "Every publication, oldest first.",
            "properties": {"publications": {"type": "array", "items": {"$ref": "#/components/schemas/Publication"}}},
            "required": ["publications"],
        },
        "PublicFigure": _thing("A figure as the public is given it.", figure, {"detail": {"type": "object"}}),
        "PublicReport": _thing(
            "A publication with its figures.",
            {
                **_PUBLICATION,
                "threshold": {**_COUNT, "description": "A count below it is small."},
                "figures": {"type": "array", "items": {"$ref": "#/components/schemas/PublicFigure"}},
            },
        ),
    }


def _thing(
    description: str, members: dict[str, JsonSchema], optional: dict[str, JsonSchema] | None = None
) -> JsonSchema:
    properties = {**members, **(_WHERE_GIVEN if optional is None else optional)}
    return {"type": "object", "description": description, "properties": properties, "required": [*members]}
