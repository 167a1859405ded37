"""How a program begins: with no more than it needs, and with the migrations that its version has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from miriam_local.programs import has_post_scripts


def test_a_process_becomes_its_program_without_importing_what_prepares_servers() -> None:
    """Each of a dozen programs begins so, and again whenever it was killed."""
    heavy = "'cryptography', 'marshmallow', 'psycopg2'"
    asked = f"import miriam_local.launch, sys; print([name for name in ({heavy}) if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("script", ["0001_first.pre.sql", "0002_second.post.sql"])
def test_a_service_is_migrated_a_second_time_where_its_version_has_scripts_for_it(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "miriam_newest" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / script).write_text("select 1;")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "miriam_newest", raising=False)
    assert has_post_scripts("newest") == script.endswith(".post.sql")
