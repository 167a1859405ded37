"""The generated documents are those of the contracts as they are, and each keeps the standard that it names."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents.files import FOLDER, differing, files, kept, write
from miriam_contracts.examples import examples

MADE = files()
OPENAPI = [place for place in MADE if place.startswith("openapi/")]
SCHEMAS = [place for place in MADE if place.startswith("schemas/")]


def document(place: str) -> Any:
    return json.loads(MADE[place])


def test_the_documents_are_up_to_date() -> None:
    stale = differing(MADE, kept(FOLDER))
    assert not stale, f"{', '.join(stale)}: not as the contracts make them; run `make documents`"


def test_a_stale_missing_or_left_over_document_is_told_and_made_good(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "schemas/receipt.json").write_bytes(b"{}")
    (tmp_path / "schemas/miriam.session.held.v1.json").unlink()
    (tmp_path / "schemas/miriam.session.dreamt.v1.json").write_bytes(b"{}")
    command = [sys.executable, "-m", "miriam_contracts.documents", str(tmp_path)]
    checked = subprocess.run([*command, "--check", "--json"], capture_output=True, text=True, check=False)
    assert checked.returncode == 1
    assert "make documents" in checked.stderr
    told = [f"schemas/{name}.json" for name in ("miriam.session.dreamt.v1", "miriam.session.held.v1", "receipt")]
    assert json.loads(checked.stdout)["changed"] == told
    subprocess.run(command, capture_output=True, check=True)
    assert differing(MADE, kept(tmp_path)) == []
    assert subprocess.run([*command, "--check"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("place", SCHEMAS)
def test_a_schema_keeps_the_standard_and_says_what_each_member_means(place: str) -> None:
    schema = document(place)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)
    silent = [
        name
        for name, member in schema["properties"].items()
        if isinstance(member, dict) and not (member.get("description") or "oneOf" in member)
    ]
    assert silent == []


@pytest.mark.parametrize("place", OPENAPI)
def test_an_openapi_document_keeps_the_standard(place: str) -> None:
    validate(document(place))


@pytest.mark.parametrize("place", ["openapi/door.json", "openapi/service.json"])
def test_the_examples_of_an_openapi_document_keep_its_own_schemas(place: str) -> None:
    whole = document(place)
    shown = 0
    for at, media in contents(whole["paths"]):
        validator = Draft202012Validator({**media["schema"], "components": whole["components"]})
        for name, example in media.get("examples", {}).items():
            errors = [error.message for error in validator.iter_errors(example["value"])]
            assert not errors, f"{at}, {name}: {errors}"
            shown += 1
    assert shown > 5


def test_the_examples_of_the_asyncapi_document_keep_its_own_schemas() -> None:
    whole = document("asyncapi.json")
    for name, message in whole["components"]["messages"].items():
        validator = Draft202012Validator({**message["payload"], "components": whole["components"]})
        assert message["examples"], name
        for example in message["examples"]:
            validator.validate(example["payload"])


def test_every_golden_emission_stands_in_the_asyncapi_document() -> None:
    messages = document("asyncapi.json")["components"]["messages"].values()
    shown = [json.dumps(example["payload"]) for message in messages for example in message["examples"]]
    missing = [example.path for example in examples("emitted") if json.dumps(example.event) not in shown]
    assert missing == []


def contents(value: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every media type in a document: what a body is, and its examples."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name == "content":
            yield from ((f"{at}/{kind}", media) for kind, media in inner.items())
        else:
            yield from contents(inner, f"{at}/{name}")


def test_every_type_has_a_schema_for_each_of_its_forms() -> None:
    emitted = {f"schemas/{name}.json" for name, each in EVENT_TYPES.items() if each.emitted_by}
    recorded = {f"schemas/recorded/{name}.json" for name in EVENT_TYPES}
    assert set(SCHEMAS) == emitted | recorded | {"schemas/receipt.json"}
