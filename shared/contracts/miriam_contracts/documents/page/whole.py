"""The page, put together."""

from collections.abc import Iterator
from importlib import resources

from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES, families_of
from miriam_contracts.documents import answers, beyond, events, prose, vectors
from miriam_contracts.documents.page import lists, types
from miriam_contracts.documents.page.markup import (
    anchor,
    as_json,
    code,
    escaped,
    heading,
    inline,
    markdown,
    sample,
    table,
)
from miriam_contracts.envelope import OPTIONAL, REQUIRED

_TITLE = "Miriam: how a CPAS system connects"
# The type that stands for all where one is shown.
_SHOWN = "miriam.session.held.v2"
_TEXTS = ("first", prose.CREDENTIALS, prose.OVER_HTTP, prose.OVER_AMQP, *prose.COMMON)
_FILES = {
    "openapi/door.json": "OpenAPI 3.1 of the door over HTTP.",
    "asyncapi.json": "AsyncAPI 3 of the door over AMQP.",
    "schemas/": "JSON Schema (2020-12) of every type as it is sent; in `recorded/` as it is recorded.",
    "schemas/receipt.json": "JSON Schema of a receipt.",
    "vectors.json": "Signed receipts and an encrypted block, with their keys, to try your own code on.",
    "openapi/service.json": "OpenAPI 3.1 of a recording service, for services and auditors.",
    "openapi/reporting.json": "OpenAPI 3.1 of reporting: figures, reports and their signatures, proofs.",
}


def page() -> bytes:
    """The whole file."""
    style = resources.files(__package__).joinpath("style.css").read_text("utf-8")
    parts = [*_parts()]
    contents = "".join(f'<li><a href="#{anchor(title)}">{escaped(title)}</a></li>\n' for title, _ in parts)
    body = "\n".join(html for _, html in parts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escaped(_TITLE)}</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><h1>{escaped(_TITLE)}</h1>
{markdown(prose.markdown("lead"))}</header>
<nav aria-label="Contents"><h2 id="contents">Contents</h2>
<ol>
{contents}</ol></nav>
<main id="content" tabindex="-1">
{body}
</main>
</body>
</html>
""".encode()


def _parts() -> Iterator[tuple[str, str]]:
    for name in _TEXTS:
        text = prose.markdown(name)
        more = _beside(name)
        yield heading(text), f"<section>\n{markdown(text)}\n{more}</section>"
    yield _part("Files beside this page", _files())
    yield _part("Types of event", _owners(), *types.overview())
    yield _part("Each type, field by field", *types.sections(types.emitted()))
    yield _part("What services record of themselves", *types.sections(types.of_services()))
    yield _part("Recorded events", *_recorded())
    yield _part("Code lists and questionnaires", lists.code_lists(), lists.instruments())
    yield _part("Rules, and their sentences", markdown(prose.markdown("rule-codes")), *lists.rules())
    yield _part("What a JSON Schema cannot say", *_limits())


def _part(title: str, *blocks: str) -> tuple[str, str]:
    inner = "\n".join(blocks)
    return title, f'<section>\n<h2 id="{anchor(title)}">{escaped(title)}</h2>\n{inner}\n</section>'


def _beside(name: str) -> str:
    """What stands with a text and is not prose: tables, examples."""
    if name == prose.EVENT:
        return _envelope()
    if name == "receipts":
        shown = "".join(_receipt(each) for each in vectors.receipts())
        outcomes = [(code(outcome), inline(said)) for outcome, said in answers.OUTCOMES.items()]
        members = answers.receipt()["properties"]
        rows = [(code(member), inline(said["description"])) for member, said in members.items()]
        return "\n".join([
            table("What a receipt says", ("receipt", "Meaning"), outcomes),
            table("Members of a receipt", ("Member", "Meaning"), rows),
            shown,
        ])  # fmt: skip
    if name == "personal":
        return sample(as_json({"personal": vectors.vectors()["personal"]["block"]}), "A block, before it is encrypted")
    return ""


def _receipt(receipt: dict[str, object]) -> str:
    title = f"Receipt: {receipt['receipt']}" + ("" if receipt["id"] else ", of what could not be read")
    return f"<details><summary>{escaped(title)}</summary>{sample(as_json(receipt), title)}</details>\n"


def _envelope() -> str:
    shown = EVENT_TYPES[_SHOWN]
    said = {name: member["description"] for name, member in events.emitted(shown)["properties"].items()}
    said["subject"] = "What the event is about: each type tells below which field of its payload it repeats."
    said["data"] = "The fact: each type tells its fields below."
    rows = [
        (code(name), "required" if name in REQUIRED else "optional", inline(said[name]))
        for name in (*REQUIRED, *OPTIONAL)
    ]
    example = next(each for each in events.examples_of(shown, "emitted") if each.name == "typical")
    return table("The envelope", ("Attribute", "Needed", "Meaning"), rows) + sample(as_json(example.event), "An event")


def _files() -> str:
    rows = [(f'<a href="{place}">{code(place)}</a>', inline(said)) for place, said in _FILES.items()]
    return table("Generated files", ("File", "What it is"), rows)


def _owners() -> str:
    rows = [
        (
            escaped(service),
            " ".join(f'<a href="#family-{family}">{code(family)}</a>' for family in families_of(service)),
        )
        for service in RECORDING_SERVICES
    ]
    return table("Which service records which family", ("Service", "Families"), rows)


def _recorded() -> Iterator[str]:
    yield markdown(prose.markdown("recorded"))
    schema = events.recorded(EVENT_TYPES[_SHOWN])
    rows = [
        (code(name), "always" if name in schema["required"] else "sometimes", inline(said["description"]))
        for name, said in schema["properties"].items()
    ]
    yield table("The envelope of a recorded event", ("Attribute", "Stands there", "Meaning"), rows)


def _limits() -> Iterator[str]:
    first = (beyond.__doc__ or "").partition("\n\n")[2]
    yield f"<p>{escaped(' '.join(first.split()))}</p>"
    yield lists.beyond_schemas()
