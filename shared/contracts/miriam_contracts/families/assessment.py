"""Assessment: her own answers to the questionnaire, at the start and at the end."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from miriam_contracts import codes
from miriam_contracts.families.common import occurred_on, participation, project
from miriam_contracts.fields import Code, Int, OwnId, Part, Payload
from miriam_contracts.instruments import INSTRUMENTS
from miriam_contracts.problems import Problem

# Wide enough for any instrument; the scale of the one used is a rule of the sessions service.
_ANY_SCORE = 100


class Answer(Payload):
    """One answer. Only a valid one has a score: not answered, not available and valid are three different things."""

    status = Code("whether there is a value", choices=codes.ANSWER_STATUS)
    score = Int("satisfaction on the instrument's scale", lowest=0, highest=_ANY_SCORE, optional=True)

    between_fields: ClassVar[Mapping[str, Any]] = {
        "if": {"properties": {"status": {"const": "valid"}}, "required": ["status"]},
        "then": {"required": ["score"]},
        "else": {"properties": {"score": False}},
    }

    @validates_schema
    def score_stands_with_valid(self, data: dict[str, object], **kwargs: object) -> None:
        """A score if and only if the answer is valid."""
        if (data.get("status") == "valid") != ("score" in data):
            raise ValidationError([Problem("score_with_status")], "score")


def _by_domain(name: str, doc: str, member: object) -> type[Payload]:
    schema: type[Payload] = type(name, (Payload,), {"__doc__": doc, **{d: member(d) for d in codes.MEASURED_DOMAINS}})  # type: ignore[operator]
    return schema


Scores = _by_domain(
    "Scores",
    "An answer for each measured domain.",
    lambda d: Part(Answer, f"her satisfaction with {d.replace('_', ' ')}"),
)
Changes = _by_domain(
    "Changes",
    "Self-reported change since the start, for each measured domain.",
    lambda d: Code(f"change since the start: {d.replace('_', ' ')}", choices=codes.CHANGES),
)


class Completed(Payload):
    """She answered the questionnaire, at the start or at the end. Changes stand at the end only."""

    project = project()
    participation = participation()
    assessment = OwnId("the assessment, unique in the participation")
    occurred_on = occurred_on()
    moment = Code("start or end of the accompaniment", choices=codes.MOMENTS)
    instrument = Code("the questionnaire used", choices=tuple(INSTRUMENTS))
    scores = Part(Scores, "her answers, by measured domain")
    changes = Part(Changes, "what changed since the start, by measured domain; at the end only", optional=True)

    between_fields: ClassVar[Mapping[str, Any]] = {
        "if": {"properties": {"moment": {"const": "end"}}, "required": ["moment"]},
        "then": {"required": ["changes"]},
        "else": {"properties": {"changes": False}},
    }

    @validates_schema(skip_on_field_errors=True)
    def changes_stand_at_the_end(self, data: dict[str, object], **kwargs: object) -> None:
        """Changes if and only if it is the end."""
        if (data.get("moment") == "end") != ("changes" in data):
            raise ValidationError([Problem("changes_at_end")], "changes")


FACTS: dict[str, type[Payload]] = {"completed": Completed}
