"""One small published edition, and the bundles that the real command makes of it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from bundle_scenario import EDITION, Programme

from miriam_local.postgres import PrivatePostgres
from miriam_reporting.commands.bundle import bundle as command
from miriam_reporting.migrating import migrate_reporting


@pytest.fixture(scope="session")
def programme(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    access = postgres.new_database("miriam_reporting_bundle")
    migrate_reporting(access.owner_url, access.app_role)
    made = Programme(access, tmp_path_factory.mktemp("programme"))
    made.tell()
    made.load()
    made.publish()
    made.sign_head()
    yield made
    made.close()
    postgres.admin.drop_database(access.name)


@pytest.fixture(scope="session")
def bundles(programme: Programme) -> dict[str, Path]:
    """The bundle of each scope, and one of an earlier position."""
    found = {}
    for name, options in (
        ("ledger", []),
        ("again", []),
        ("edition", ["--edition-only"]),
        ("alpha", ["--cpas", "alpha"]),
        ("gamma", ["--cpas", "gamma"]),
        ("earlier", ["--as-of", "60"]),
    ):
        found[name] = programme.folder / f"{name}.zip"
        arguments = [EDITION, "--out", str(found[name]), "--actor", "auditor.jo", "--purpose", "a test", *options]
        environment = {
            "MIRIAM_REPORTING_DATABASE_URL": programme.access.app_url,
            "MIRIAM_KEYS_DIR": str(programme.keys),
            "MIRIAM_HOME": str(programme.folder),
        }
        result = CliRunner().invoke(command, [*arguments, "--json"], env=environment)
        assert result.exit_code == 0, result.output + "".join(traceback.format_exception(result.exception))
    return found
