"""Marshmallow fields whose errors are Problems, and whose bounds can be read off by the generators of documents.

Values stay as they came (a date stays its text): what is hashed must not be parsed and printed again.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError
from marshmallow import fields as ma

from miriam_contracts import ids
from miriam_contracts.problems import Problem

MAX_CENTS = 10**12
_HOUR = 60
# Five parts of base64url: what a JWE in compact form looks like, before anybody tries to open it.
JWE_PATTERN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(r"PT(?=.)(?:([1-9][0-9]?)H)?(?:([1-9]|[1-5][0-9])M)?")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:[0-5]\d)")


def refuse(code: str, allowed: str = "") -> ValidationError:
    """The error that a field raises: marshmallow collects it under the field's path."""
    return ValidationError([Problem(code, allowed=allowed)])


class Payload(Schema):
    """What one type of event may say. Unknown fields are refused here; readers of recorded events ignore them.

    `between_fields` says in JSON Schema what a rule between fields says in Python, where JSON Schema can.
    """

    between_fields: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        """An unknown field is an error of the emitter."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow merges these into its own, by this name
        "unknown": Problem("unknown_field"),  # type: ignore[dict-item]
        "type": Problem("wrong_type", allowed="object"),  # type: ignore[dict-item]
    }


class _Field(ma.Field[Any]):
    kind = "text"

    def __init__(self, meaning: str, *, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(
            required=not optional,
            metadata={"meaning": meaning},
            error_messages={"required": [Problem("required")], "null": [Problem("not_null")]},
            **kwargs,
        )


class Text(_Field):
    """Text of 1 to `longest` characters; only for what names nobody. Control characters are refused."""

    def __init__(self, meaning: str, *, longest: int, **kwargs: Any) -> None:
        super().__init__(meaning, **kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not 1 <= len(value) <= self.longest:
            raise refuse("text_length", f"1..{self.longest}")
        if any(ord(c) < 32 and c not in "\n\t" for c in value) or "\x7f" in value:
            raise refuse("control_character")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise refuse("control_character") from None
        return value


class Pattern(_Field):
    """Text of a given form. `may_hold_number` is false for ids: a national number inside is refused."""

    pattern: re.Pattern[str]

    def __init__(self, meaning: str, *, pattern: re.Pattern[str], **kwargs: Any) -> None:
        super().__init__(meaning, **kwargs)
        self.pattern = pattern

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not self.pattern.fullmatch(value):
            raise refuse("wrong_form", self.pattern.pattern)
        if ids.holds_national_number(value):
            raise refuse("national_number_in_id")
        return value


class OwnId(Pattern):
    """An id that the emitter minted itself; a CPAS may use only its own prefix here."""

    def __init__(self, meaning: str, **kwargs: Any) -> None:
        super().__init__(meaning, pattern=ids.OWNED_PATTERN, **kwargs)


class OtherId(Pattern):
    """An id minted by somebody else (a project by the authority), or perhaps by another CPAS of a consortium."""

    def __init__(self, meaning: str, **kwargs: Any) -> None:
        super().__init__(meaning, pattern=ids.OWNED_PATTERN, **kwargs)


class CpasId(Pattern):
    """The id of a CPAS, which is its emitter id: `anderlecht`."""

    def __init__(self, meaning: str, **kwargs: Any) -> None:
        super().__init__(meaning, pattern=ids.EMITTER_PATTERN, **kwargs)


class EditionId(Pattern):
    """The id of an edition: `2023-2024`."""

    def __init__(self, meaning: str, **kwargs: Any) -> None:
        super().__init__(meaning, pattern=ids.EDITION_PATTERN, **kwargs)


class EventId(Pattern):
    """The recorded id of an event (UUIDv5, see `identity.recorded_id`)."""

    def __init__(self, meaning: str, **kwargs: Any) -> None:
        super().__init__(meaning, pattern=ids.UUID_PATTERN, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        # No search for national numbers: a UUID's digits are no one's number.
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not self.pattern.fullmatch(value):
            raise refuse("wrong_form", "UUID in lower case")
        return value


class Code(_Field):
    """One word of a closed list."""

    kind = "code"

    def __init__(self, meaning: str, *, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(meaning, **kwargs)
        self.choices = tuple(choices)
        self._known = frozenset(choices)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if value not in self._known:
            raise refuse("unknown_code", ", ".join(self.choices))
        return value


class Int(_Field):
    """A whole number from `lowest` to `highest`."""

    kind = "integer"

    def __init__(self, meaning: str, *, lowest: int, highest: int, **kwargs: Any) -> None:
        super().__init__(meaning, **kwargs)
        self.lowest = lowest
        self.highest = highest

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise refuse("wrong_type", "integer")
        if not self.lowest <= value <= self.highest:
            raise refuse("out_of_range", f"{self.lowest}..{self.highest}")
        return value


class Cents(Int):
    """An amount of money in euro cents."""

    def __init__(self, meaning: str, *, lowest: int = 0, **kwargs: Any) -> None:
        super().__init__(meaning, lowest=lowest, highest=MAX_CENTS, **kwargs)


class Flag(_Field):
    """True or false."""

    kind = "boolean"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("wrong_type", "true or false")
        return value


class Day(_Field):
    """A day in Europe/Brussels, `YYYY-MM-DD`, from 1900 to 2199. As text, days compare in the order of time."""

    kind = "date"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not _DAY.fullmatch(value) or not "1900" <= value[:4] <= "2199":
            raise refuse("not_a_date", "YYYY-MM-DD")
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            raise refuse("not_a_date", "YYYY-MM-DD") from None
        return value


class Instant(_Field):
    """A moment with its offset (RFC 3339), to the microsecond at most."""

    kind = "instant"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not _INSTANT.fullmatch(value):
            raise refuse("not_an_instant", "YYYY-MM-DDThh:mm:ssZ")
        try:
            dt.datetime.fromisoformat(value)
        except ValueError:
            raise refuse("not_an_instant", "YYYY-MM-DDThh:mm:ssZ") from None
        return value


class Duration(_Field):
    """Hours and minutes as ISO 8601 writes them, `PT1H30M`, from `shortest` to `longest` minutes.

    Each duration has one text: minutes from 1 to 59, hours from 1, and what is none is left out (`PT2H`, `PT45M`).
    """

    kind = "duration"

    def __init__(self, meaning: str, *, shortest: int, longest: int, **kwargs: Any) -> None:
        super().__init__(meaning, **kwargs)
        self.shortest = shortest
        self.longest = longest

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not _DURATION.fullmatch(value):
            raise refuse("not_a_duration", "PT1H30M, PT2H, PT45M")
        if not self.shortest <= minutes(value) <= self.longest:
            raise refuse("out_of_range", f"{duration(self.shortest)}..{duration(self.longest)}")
        return value


def duration(minutes: int) -> str:
    """So many minutes, 1 or more, as `Duration` writes them: 90 is `PT1H30M`."""
    hours, rest = divmod(minutes, _HOUR)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "")


def minutes(text: str) -> int:
    """The minutes of a duration as `Duration` writes it: 90 of `PT1H30M`. Raises ValueError for another form."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("a duration is written like PT1H30M, PT2H or PT45M")
    return int(found[1] or 0) * _HOUR + int(found[2] or 0)


class Many(ma.List[Any]):
    """A list of `fewest` to `most` values, each of which may stand in it once."""

    def __init__(
        self, item: ma.Field[Any], meaning: str, *, fewest: int = 0, most: int, optional: bool = False
    ) -> None:
        super().__init__(
            item,
            required=not optional,
            metadata={"meaning": meaning},
            error_messages={
                "required": [Problem("required")],
                "null": [Problem("not_null")],
                "invalid": [Problem("wrong_type", allowed="list")],
            },
        )
        self.fewest = fewest
        self.most = most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise refuse("wrong_type", "list")
        if not self.fewest <= len(value) <= self.most:
            raise refuse("list_length", f"{self.fewest}..{self.most}")
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        if len({str(item) for item in found}) != len(found):
            raise refuse("repeated_value")
        return found


class Part(ma.Nested):
    """An object inside the payload, with a contract of its own."""

    def __init__(self, schema: type[Schema], meaning: str, *, optional: bool = False) -> None:
        super().__init__(
            schema,
            required=not optional,
            metadata={"meaning": meaning},
            error_messages={
                "required": [Problem("required")],
                "null": [Problem("not_null")],
                "type": [Problem("wrong_type", allowed="object")],
            },
        )


class Personal(_Field):
    """The block that may name somebody: a JWE in compact form (always over AMQP), or an object (over HTTPS)."""

    kind = "personal"

    def __init__(self, schema: type[Schema], meaning: str) -> None:
        super().__init__(meaning, optional=True)
        self.schema = schema

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            return value
        if not isinstance(value, str):
            raise refuse("wrong_type", "JWE in compact form")
        if not JWE_PATTERN.fullmatch(value):
            raise refuse("not_a_jwe", "JWE in compact form, ECDH-ES with A256GCM")
        return value
