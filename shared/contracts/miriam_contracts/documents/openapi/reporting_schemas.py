"""The schemas of what reporting answers. Readers ignore members that they do not know."""

from typing import Any

from miriam_contracts import ids
from miriam_contracts.catalogue import SERVICES
from miriam_contracts.documents.events import HEX_256
from miriam_contracts.documents.json_schema import JsonSchema, anchored
from miriam_contracts.documents.openapi import common, public_schemas

TEXT: JsonSchema = {"type": "string"}
COUNT: JsonSchema = {"type": "integer", "minimum": 0}
NUMBER: JsonSchema = {"type": "integer"}
FLAG: JsonSchema = {"type": "boolean"}
POSITION: JsonSchema = {"type": "integer", "minimum": 0, "description": "A position in the ledger: so many leaves."}
UUID: JsonSchema = {"type": "string", "pattern": anchored(ids.UUID_PATTERN)}
LEAF: JsonSchema = {"type": "string", "pattern": HEX_256, "description": "The hash of a leaf, in hexadecimal."}
BASE64: JsonSchema = {"type": "string", "contentEncoding": "base64"}
_BY: JsonSchema = {
    "type": "object",
    "description": "Of which region, CPAS or project it is, and of which part; empty for the whole.",
    "additionalProperties": TEXT,
}
_VALUE: JsonSchema = {
    "type": ["integer", "string", "null"],
    "description": "A whole number, or a decimal written as text; null where nothing can be said.",
}
_EXCLUDED: JsonSchema = {"type": "array", "items": {"$ref": "#/components/schemas/Excluded"}}


def ref(name: str) -> JsonSchema:
    """A reference to a schema of this document."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(items: JsonSchema) -> JsonSchema:
    """A list."""
    return {"type": "array", "items": items}


def maybe(schema: JsonSchema) -> JsonSchema:
    """A value, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def thing(
    description: str, members: dict[str, JsonSchema], optional: dict[str, JsonSchema] | None = None
) -> JsonSchema:
    """An object: members that always stand there, and such as may."""
    found: dict[str, Any] = {"type": "object", "description": description}
    return {**found, "properties": {**members, **(optional or {})}, "required": list(members)}


_AS_OF = {
    "as_of": {"type": ["integer", "string"], "description": "What was asked for: a position or a day."},
    "checkpoint": maybe(ref("Tree")),
}
_AS_OF_DAY = {"as_of_day": {"type": "string", "description": "The day of the checkpoint that answers a day."}}


def schemas() -> dict[str, JsonSchema]:
    """By name."""
    problem = common.problem_schema()
    problem = {**problem, "required": ["type", "title", "status", "code"]}
    problem["properties"] = {k: v for k, v in problem["properties"].items() if k != "receipts"}
    return {
        "Problem": problem,
        "Excluded": thing("Units left out, by reason.", {"reason": TEXT, "count": COUNT}),
        "Tree": thing("A head of the ledger's tree.", {"origin": TEXT, "size": COUNT, "root": BASE64}),
        "Figure": thing(
            "One figure.",
            {
                "code": {"type": "string", "pattern": "^[ID][0-9]{2}$", "description": "The indicator."},
                "by": _BY,
                "numerator": {"type": ["integer", "null"]},
                "denominator": {"type": ["integer", "null"]},
                "value": _VALUE,
                "unit": TEXT,
                "excluded": _EXCLUDED,
                "withheld": FLAG,
            },
            {"detail": {"type": "object", "description": "Of indicator I06 alone."}},
        ),
        "Report": thing(
            "The figures of an edition as of a position.",
            {
                "edition": TEXT,
                "position": POSITION,
                **_AS_OF,
                "definitions": TEXT,
                "figures": many(ref("Figure")),
                "overlaps": many({"type": "object", "description": "By how much a level exceeds the total."}),
            },
            _AS_OF_DAY,
        ),
        "Evidence": thing(
            "One row behind a figure.",
            {
                "part": TEXT,
                "cpas": {"type": ["string", "null"]},
                "project": {"type": ["string", "null"]},
                "region": {"type": ["string", "null"]},
                "unit": TEXT,
                "event_id": UUID,
                "position": POSITION,
                "counted": {"type": "string", "description": "In the numerator, in the denominator, or excluded."},
                "reason": {"type": ["string", "null"]},
                "amount": {"type": ["integer", "null"]},
            },
            {"source": TEXT, "sequence": COUNT, "leaf": LEAF},
        ),
        "Explanation": thing(
            "A figure with every row that it was computed from.",
            {
                "edition": TEXT,
                "position": POSITION,
                **_AS_OF,
                "definitions": TEXT,
                "figures": many(ref("Figure")),
                "parts": many(TEXT),
                "evidence": many(ref("Evidence")),
            },
            _AS_OF_DAY,
        ),
        "Diff": thing(
            "What changed in an edition between two positions, with the events that made it change.",
            {
                "edition": TEXT,
                "from": {"type": "object"},
                "to": {"type": "object"},
                "figures": many({"type": "object"}),
            },
        ),
        "Head": thing(
            "What the ledger holds.",
            {
                "position": POSITION,
                "sources": {
                    "type": "object",
                    "description": "By service.",
                    "additionalProperties": thing("", {"sequence": COUNT, "moved_at": TEXT, "open_gaps": COUNT}),
                },
                "alarms": COUNT,
                "projected": {**POSITION, "description": "How far the facts are."},
                "checkpoint": maybe(thing("", {"size": COUNT, "signed_at": TEXT, "cosigned": COUNT})),
            },
        ),
        "Held": thing(
            "Events of a service as the ledger holds them.",
            {
                "events": many(
                    thing(
                        "",
                        {
                            "sequence": COUNT,
                            "id": UUID,
                            "type": TEXT,
                            "leaf": LEAF,
                            "body": {"type": ["string", "null"], "description": "The exact text; null where emptied."},
                        },
                    )
                )
            },
        ),
        "Origin": thing(
            "Leaves under the name of an emitter.",
            {
                "origin": TEXT,
                "after": COUNT,
                "leaves": many(
                    thing(
                        "",
                        {
                            "position": POSITION,
                            "source": {"enum": list(SERVICES)},
                            "sequence": COUNT,
                            "originid": {"type": ["string", "null"]},
                            "type": {"type": ["string", "null"]},
                            "leaf": LEAF,
                        },
                    )
                ),
                "next": {"type": ["integer", "null"], "description": "Give it as `after`; null on the last page."},
            },
        ),
        "Consistency": thing(
            "A proof (RFC 6962) that one size of the tree continues another.",
            {"old": COUNT, "new": COUNT, "proof": many(BASE64)},
        ),
        "Inclusion": thing(
            "Where a leaf stands, and the proof of it (RFC 6962).",
            {"source": TEXT, "sequence": COUNT, "position": POSITION, "leaf": LEAF, "proof": many(BASE64)},
            {"size": COUNT},
        ),
        "Inclusions": thing("Several.", {"size": COUNT, "inclusions": many(ref("Inclusion"))}),
        "Leaves": thing(
            "Leaves asked for, each once; of which head, where it is not the newest signed.",
            {
                "leaves": {
                    **many(thing("", {"source": {"enum": list(SERVICES)}, "sequence": {**COUNT, "minimum": 1}})),
                    "minItems": 1,
                    "maxItems": 1000,
                }
            },
            {"size": {**COUNT, "minimum": 1}},
        ),
        "Cosigned": thing("What was added to a head.", {"cosigned_by": many(TEXT), "new": COUNT}),
        "Life": thing(
            "The life of a report. No figure is in it, but where it was asked for.",
            {
                "report": TEXT,
                "edition": TEXT,
                "status": TEXT,
                "position": {"type": ["integer", "null"]},
                "digest": {"type": ["string", "null"]},
                "signers": many({"type": "object"}),
                "unsigned": many(TEXT),
                "publications": many({"type": "object"}),
                "steps": many({"type": "object"}),
            },
            {
                "asked": {"type": "object", "description": "What a CPAS is asked to sign: digest, salt, figures."},
                "published": {"type": "object", "description": "What was published last, with its figures."},
            },
        ),
        **public_schemas.schemas(),
        "Lives": thing("Reports.", {"reports": many(ref("Life"))}),
        "Signature": {
            **thing("A CPAS's signature of its figures.", {"cpas": TEXT, "key": TEXT, "signature": TEXT}),
            "additionalProperties": False,
        },
        "Signed": thing(
            "What became of a signature.",
            {"report": TEXT, "cpas": TEXT, "recorded": FLAG},
            {"event_id": UUID, "sequence": COUNT},
        ),
        "Story": thing(
            "An event with its proof, and the chain of its fact.",
            {
                "event_id": UUID,
                "position": POSITION,
                "source": TEXT,
                "sequence": COUNT,
                "type": TEXT,
                "leaf": LEAF,
                "body": {"type": ["string", "null"]},
                "inclusion": {"type": "object"},
                "chain": many({"type": "object"}),
                "standing": {"type": ["string", "null"]},
            },
        ),
        "Health": thing("", {"status": TEXT}),
    }
