"""A desk without a server: templates filled in, files read, an emitter's settings and its spool."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey
from openpyxl import load_workbook

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_contracts.identity import recorded_id
from miriam_emitter import Emitter, Settings
from miriam_emitter.receipts import Receipt
from miriam_importer.reading import read
from miriam_importer.rows import Drafts, Reader
from miriam_importer.sheets import SHEETS
from miriam_importer.template import workbook

TODAY = "2025-06-30"
Fill = Callable[..., Path]
Import = Callable[..., Drafts]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Anderlecht's, with a broker that does not exist."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for service in RECORDING_SERVICES:
        personal = ECKey.generate_key("P-256").as_dict(private=False)
        (folder / f"{service}.personal.pub.json").write_text(json.dumps(personal))
        raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        jwk = {"kty": "OKP", "crv": "Ed25519", "kid": service, "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}
        (folder / f"{service}.receipt.pub.json").write_text(json.dumps(jwk))
    return Settings("anderlecht", "cpas", "amqp://a:b@127.0.0.1:1/x", folder, tmp_path / "anderlecht.spool")


@pytest.fixture
def emitter(settings: Settings) -> Iterator[Emitter]:
    """Anderlecht's emitter."""
    with Emitter(settings) as emitter:
        yield emitter


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """`fill("sessions", {2: {"place": "OCMW"}})`: the template in Dutch with these cells, by row and column."""

    def make(kind: str, rows: Mapping[int, Mapping[str, Any]], language: str = "nl", project: str = "") -> Path:
        path = tmp_path / f"{kind}.xlsx"
        path.write_bytes(workbook(SHEETS[kind], language, project))
        keys = [column.key for column in SHEETS[kind].columns]
        book = load_workbook(path)
        for number, cells in rows.items():
            for key, value in cells.items():
                book.worksheets[0].cell(number, keys.index(key) + 1).value = value
        book.save(path)
        return path

    return make


@pytest.fixture
def interpret(settings: Settings) -> Import:
    """`interpret(path)`: the drafts and the troubles of a file."""

    def make(path: Path, language: str = "", kind: str = "", project: str = "") -> Drafts:
        table = read(path, kind)
        return Reader(table, settings, language or table.language, TODAY, project or table.project).read()

    return make


@pytest.fixture
def answer(emitter: Emitter) -> Callable[..., None]:
    """`answer(id, "recorded")`: the spool keeps a receipt for that id, as if it had been verified."""

    def make(id_: str, outcome: str = "recorded", service: str = "sessions") -> None:
        events = [{"id": recorded_id(service, "/cpas/anderlecht", id_), "sequence": 1, "leaf": "00" * 32}]
        content = {
            "receipt": outcome,
            "service": service,
            "emitter": "/cpas/anderlecht",
            "id": id_,
            "events": events if outcome in ("recorded", "duplicate") else [],
            "problems": [{"code": "required", "field": "data/place", "allowed": ""}] if outcome == "refused" else [],
        }
        emitter.spool.settle([Receipt.kept(id_, outcome, canonical(content))])

    return make


def session(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The cells of a session held, in Dutch."""
    return {
        "project": "spp-is:2023-anderlecht-1",
        "participation": "p-014",
        "session": f"s-{number}",
        "fact": "Gehouden",
        "occurred_on": "04/03/2024",
        "duration_minutes": 50,
        "place": "OCMW",
        "theme": "Huisvesting",
        "case_manager": "cm-2",
        **changes,
    }


@pytest.fixture(name="session")
def _session() -> Callable[..., dict[str, Any]]:
    """`session(3, place="Aan huis")`: the cells of a session held, in Dutch."""
    return session
