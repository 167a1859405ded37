"""A programme whose report is drafted, signed and published through the pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from pages_scenario import Pages, settings_of
from programme import Programme

from miriam_local.databases import DatabaseAccess
from miriam_reporting.migrating import migrate_reporting
from miriam_reporting.web.app import create_app

if TYPE_CHECKING:
    from invent import Office


def opened_programme(access: DatabaseAccess, keys_dir: Path) -> tuple[Programme, Pages]:
    """The pages of a programme in which `alpha` supports two women and `beta` one; nothing is drafted yet."""
    migrate_reporting(access.owner_url, access.app_role)
    programme = Programme(access)
    for participation in ("alpha:w1", "alpha:w2", "beta:w3"):
        programme.support(participation)
    programme.load()
    (keys_dir / "log.vkeys").write_text(f"{programme.log.verifier.text()}\n", "utf-8")
    (keys_dir / "witnesses.vkeys").write_text(f"{programme.authority.verifier.text()}\n", "utf-8")
    # It has the same two connections as an office.
    return programme, Pages(create_app(settings_of(access, keys_dir)), cast("Office", programme), access, "alpha")
