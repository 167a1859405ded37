"""CPAS: a public welfare centre. It has an id of its own, because municipal codes change with mergers."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema
from stdnum.be import vat

from miriam_contracts import codes
from miriam_contracts.families.common import occurred_on
from miriam_contracts.fields import Code, CpasId, Part, Pattern, Payload, Text
from miriam_contracts.problems import Problem


class Names(Payload):
    """The name by language; at least one of them is given."""

    fr = Text("name in French", longest=120, optional=True)
    nl = Text("name in Dutch", longest=120, optional=True)
    de = Text("name in German", longest=120, optional=True)

    between_fields: ClassVar[Mapping[str, Any]] = {"anyOf": [{"required": [each]} for each in ("fr", "nl", "de")]}

    @validates_schema
    def one_is_given(self, data: dict[str, str], **kwargs: object) -> None:
        """At least one language."""
        if not data:
            raise ValidationError([Problem("required", allowed="fr, nl or de")])


class Registered(Payload):
    """A CPAS exists, with its names, region, municipality and enterprise number; a later one is a correction."""

    cpas = CpasId("the CPAS")
    occurred_on = occurred_on()
    names = Part(Names, "its name by language")
    region = Code("the region it lies in", choices=codes.REGIONS)
    language = Code("the language it is written to", choices=codes.LANGUAGES)
    nis = Pattern("NIS code of the municipality on that day, five digits", pattern=re.compile(r"[0-9]{5}"))
    enterprise_number = Pattern("KBO/BCE number, ten digits", pattern=re.compile(r"[01][0-9]{9}"), optional=True)
    signing_key = Pattern(
        "public half of its Ed25519 signing key, base64url without padding",
        pattern=re.compile(r"[A-Za-z0-9_-]{43}"),
        optional=True,
    )

    @validates_schema
    def enterprise_number_checks(self, data: dict[str, str], **kwargs: object) -> None:
        """Its last two digits agree with the first eight."""
        number = data.get("enterprise_number")
        if number is not None and not vat.is_valid(number):
            raise ValidationError(
                [Problem("enterprise_number", allowed="last two digits = 97 - (first eight mod 97)")],
                "enterprise_number",
            )


class Merged(Payload):
    """Two municipalities became one: from this day the CPAS goes on in another."""

    cpas = CpasId("the CPAS that ends")
    into = CpasId("the CPAS that goes on; another one")
    occurred_on = occurred_on()


FACTS: dict[str, type[Payload]] = {"registered": Registered, "merged": Merged}
