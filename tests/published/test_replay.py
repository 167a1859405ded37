"""Reports that were published come out again, whatever the code has become: one folder here is one report.

A change of code, facts or indicators that would alter a published figure fails here; README.md says what to do then.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import migrated
import orjson
import pytest
from click.testing import CliRunner
from psycopg2.extensions import connection as Connection

sys.path.insert(0, str(Path(__file__).parent))

from keep import DEFINITIONS, FIGURES, LEAVES, SALTS, keep

from miriam_cli.exits import Exit
from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.commands.replay import replay_reports
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports import compute
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.life.archive import keep_publication
from miriam_reporting.reports.life.digests import figures_text
from miriam_reporting.reports.life.published import Publication, publications, replay
from miriam_reporting.reports.model import LEVELS

FOLDERS = sorted(file.parent for file in Path(__file__).parent.glob(f"*/{LEAVES}"))


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    """Each fixture."""
    found: Path = request.param
    return found


@pytest.fixture
def access(folder: Path, new_database: Callable[..., DatabaseAccess]) -> DatabaseAccess:
    """A database with the fixture's leaves, projected, and its texts, salts and figures."""
    made = new_database("published", migrated.reporting)
    connection = database.connect(made.owner_url, "published-tests")
    with connection, connection.cursor() as cursor:
        load_leaves(connection, (folder / LEAVES).read_bytes().splitlines())
        texts = json.loads((folder / DEFINITIONS).read_text())
        columns = [[each[name] for each in texts] for name in ("digest", "name", "text")]
        cursor.execute("select report.keep_definitions(%s::text[], %s::text[], %s::text[])", columns)
        for edition, salts in json.loads((folder / SALTS).read_text()).items():
            bytes_of = [bytes.fromhex(each) for each in salts.values()]
            cursor.execute(
                "select count(*) from report.salts(%s, %s::text[], %s::bytea[])", (edition, [*salts], bytes_of)
            )
        for each in publications(connection):
            keep_publication(connection, each.event_id, each.data, figures_text(kept(folder, each)))
    while True:
        with connection:
            if not project(connection, 500):
                break
    connection.close()
    return made


@pytest.fixture
def app(access: DatabaseAccess) -> Any:
    connection = database.connect(access.app_url, "published-tests")
    yield connection
    connection.close()


def kept(folder: Path, publication: Publication) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads((folder / FIGURES / f"{publication.event_id}.json").read_bytes())
    return found


def test_there_is_a_published_report_to_replay() -> None:
    assert FOLDERS


def test_every_publication_comes_out_again_by_the_definitions_it_was_made_by(app: Connection) -> None:
    found = list(replay(app))
    assert found
    assert {each.publication.event_id: each.differs for each in found if each.differs} == {}


def test_audit_replay_tells_the_same(access: DatabaseAccess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", access.app_url)
    result = CliRunner().invoke(replay_reports, ["--json"])
    assert result.exit_code == Exit.OK, result.output
    assert {each["agrees"] for each in json.loads(result.stdout)["publications"]} == {True}


def test_an_indicator_that_figures_otherwise_has_a_new_version(folder: Path, app: Connection) -> None:
    """Today's indicators may come to other figures than those published; then their version says so."""
    for publication in publications(app):
        app.rollback()
        data = publication.data
        versions = {each["code"]: each["version"] for each in data["definitions"]}
        same = [code for code, each in current().indicators.items() if versions.get(code) == each.version]
        today = compute(app, data["edition"], data["position"], LEVELS, same).figures
        before = [each for each in kept(folder, publication) if each["code"] in same]
        assert [each.as_json() for each in today] == before


def test_a_fixture_is_kept_as_it_was(folder: Path, app: Connection, tmp_path: Path) -> None:
    report = next(each.data["report"] for each in publications(app))
    keep(app, report, tmp_path / "again")
    for file in (LEAVES, SALTS):
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes()
    texts = [
        {each["digest"] for each in json.loads((place / DEFINITIONS).read_text())}
        for place in (tmp_path / "again", folder)
    ]
    assert texts[0] == texts[1]
