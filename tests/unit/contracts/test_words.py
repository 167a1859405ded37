"""Every fact, field and code has its words in the four languages, so that no page shows a contract's own names."""

from __future__ import annotations

from collections.abc import Iterator

from marshmallow import Schema

from miriam_contracts import codes, fields, words
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.problems import LANGUAGES

# Names of versions, and of facts themselves.
OWN_WORDS = {"instrument", "fact"}


def members(schema: Schema) -> Iterator[tuple[str, fields.Code | None]]:
    """Each field of a payload at every depth, with its codes where it has any."""
    for name, member in schema.fields.items():
        inner = member.inner if isinstance(member, fields.Many) else member
        yield name, inner if isinstance(inner, fields.Code) else None
        if isinstance(inner, fields.Part):
            yield from members(inner.schema)


def every_member() -> set[tuple[str, fields.Code | None]]:
    found: set[tuple[str, fields.Code | None]] = set()
    for event_type in EVENT_TYPES.values():
        for schema in (*event_type.payloads.values(), *([event_type.added()] if event_type.added else [])):
            found.update(members(schema))
    return found


def test_every_fact_has_its_words() -> None:
    for each in EVENT_TYPES.values():
        for language in LANGUAGES:
            word = words.fact(each.family, each.fact, language)
            assert word not in ("", each.routing_key, each.fact), each.type


def test_what_a_later_contract_added_is_called_by_its_name() -> None:
    assert words.fact("session", "dreamt", "fr") == "session.dreamt"
    assert words.field("moonlight", "fr") == "moonlight"


def test_every_field_has_its_words() -> None:
    without = {
        (name, language)
        for name, _ in every_member()
        for language in LANGUAGES
        if not words.field(name, language) or words.field(name, language) == name
    }
    assert without == set()


def test_every_code_of_a_payload_has_its_words() -> None:
    without = {
        (name, choice)
        for name, member in every_member()
        if member is not None and name not in OWN_WORDS
        for choice in member.choices
        if words.list_of(member.choices) == ""
    }
    assert without == set()


def test_every_word_of_a_code_is_there_in_four_languages() -> None:
    for name, listed in words.codes().items():
        assert all(set(word) == set(LANGUAGES) and all(word.values()) for word in listed.values()), name


def test_a_code_is_read_by_the_list_that_it_is_of() -> None:
    assert words.code(codes.PARTNERS, "employment", "fr") == "Emploi"
    assert words.code(codes.EMPLOYMENT, "employed", "fr") == "Au travail"
    assert words.code(("miriam-2020", "miriam-2022"), "miriam-2020", "fr") == "miriam-2020"
