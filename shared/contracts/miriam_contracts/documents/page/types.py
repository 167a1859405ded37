"""The part of the page that tells each type of event, family by family."""

from collections.abc import Iterable, Iterator

from miriam_contracts.catalogue import EVENT_TYPES, SERVICES, EventType
from miriam_contracts.documents import events
from miriam_contracts.documents.page import fields
from miriam_contracts.documents.page.markup import as_json, code, escaped, inline, sample, table
from miriam_contracts.examples import Example

_KINDS = {"cpas": "a CPAS", "authority": "the programme authority", "dpo": "the data protection officer"}


def emitted() -> list[EventType]:
    """The types that emitters send."""
    return [each for each in EVENT_TYPES.values() if each.emitted_by]


def of_services() -> list[EventType]:
    """The types that services record of themselves."""
    return [each for each in EVENT_TYPES.values() if not each.emitted_by]


def overview() -> Iterator[str]:
    """All types that emitters send: first what a CPAS sends."""
    by_cpas = [each for each in emitted() if "cpas" in each.emitted_by]
    yield _overview("Types of event that a CPAS sends", by_cpas)
    others = [each for each in emitted() if each not in by_cpas]
    yield _overview("Types of event that the authority and the data protection officer send", others)


def _overview(caption: str, found: Iterable[EventType]) -> str:
    rows = [
        (
            f'<a href="#{each.type}">{code(each.type)}</a>{_newest_mark(each)}',
            inline(events.meaning(each)),
            escaped(", ".join(sorted(each.emitted_by))),
            escaped(each.owner),
            code(f"<id>.{each.routing_key}"),
        )
        for each in found
    ]
    heads = ("Type", "What it says", "Sent by", "Recorded by", "Routing key")
    return table(caption, heads, rows)


def sections(types: Iterable[EventType]) -> Iterator[str]:
    """A section for each type, below a heading for its family."""
    family = ""
    for each in types:
        if each.family != family:
            family = each.family
            yield f'<h3 id="family-{family}">Family {escaped(family)}</h3>'
        yield from _section(each)


def _section(event_type: EventType) -> Iterator[str]:
    yield f'<section aria-labelledby="{event_type.type}">'
    yield f'<h4 id="{event_type.type}">{code(event_type.type)}{_newest_mark(event_type)}</h4>'
    yield f"<p>{inline(events.meaning(event_type))}</p>"
    facts = [*_facts(event_type)]
    yield "<dl>" + "".join(f"<div><dt>{term}</dt><dd>{said}</dd></div>" for term, said in facts) + "</dl>"
    for fact, schema in event_type.payloads.items():
        caption = f"Payload of {event_type.type}" + (f", of a {event_type.family}.{fact}" if fact else "")
        rows = [_linked(row, event_type, fact) for row in fields.rows(schema)]
        yield table(caption, fields.HEADS, rows, "fields")
    if event_type.added:
        rows = list(fields.rows(event_type.added()))
        yield table(f"What {event_type.owner} adds when it records it", fields.HEADS, rows, "fields")
    stage = "emitted" if event_type.emitted_by else "recorded"
    yield from (_example(each) for each in events.examples_of(event_type, stage))
    yield "</section>"


def _facts(event_type: EventType) -> Iterator[tuple[str, str]]:
    if event_type.emitted_by:
        yield "Sent by", ", ".join(_KINDS[kind] for kind in sorted(event_type.emitted_by))
        yield "Routing key", code(f"<id>.{event_type.routing_key}")
    owner = f"each of {', '.join(SERVICES[:-1])}" if event_type.owner == "each" else event_type.owner
    yield "Recorded by", escaped(owner)
    yield "Subject", escaped(events.subject_meaning(event_type))
    versions = [each.version for each in _versions(event_type)]
    accepted = ", ".join(str(version) for version in versions)
    yield "Versions", f"accepted: {accepted}; newest: {versions[-1]}"
    if event_type.personal:
        yield "Personal block", f"encrypted for {escaped(event_type.owner)}"
    schema = f"schemas/{'' if event_type.emitted_by else 'recorded/'}{event_type.type}.json"
    yield "JSON Schema", f'<a href="{schema}">{escaped(schema)}</a>'


def _versions(event_type: EventType) -> list[EventType]:
    key = event_type.family, event_type.fact
    return sorted((t for t in EVENT_TYPES.values() if (t.family, t.fact) == key), key=lambda t: t.version)


def _newest_mark(event_type: EventType) -> str:
    """Where a fact has several versions, which this one is."""
    versions = _versions(event_type)
    if len(versions) == 1:
        return ""
    return " (newest)" if event_type is versions[-1] else " (still accepted)"


def _linked(row: fields.Row, event_type: EventType, fact: str) -> fields.Row:
    """A replacement is told by the type that it replaces; in a version that has none of its own, by the last before."""
    if row[0] != code("data.replacement"):
        return row
    version = max(
        t.version
        for t in EVENT_TYPES.values()
        if (t.family, t.fact) == (event_type.family, fact) and t.version <= event_type.version
    )
    name = f"miriam.{event_type.family}.{fact}.v{version}"
    return (row[0], f'object, as in <a href="#{name}">{code(name)}</a>', *row[2:])


def _example(example: Example) -> str:
    title = f"Golden example: {example.name.replace('-', ' ').replace('_', ' ')}"
    shown = as_json(example.event)
    return f"<details><summary>{escaped(title)}</summary>{sample(shown, title)}</details>"
