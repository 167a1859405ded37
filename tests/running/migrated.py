"""How the databases of tests are migrated: named functions, so that each does its work once in a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from miriam_local.databases import DatabaseAccess
from miriam_platform.migrate import migrate
from miriam_reporting.migrating import migrate_reporting


def reporting(made: DatabaseAccess) -> None:
    """Reporting's database: the ledger and the facts."""
    migrate_reporting(made.owner_url, made.app_role)


@cache
def by(scripts: str | None) -> Callable[[DatabaseAccess], None]:
    """The platform's own SQL, and the numbered scripts of a package. The same function for the same package."""

    def work(made: DatabaseAccess) -> None:
        migrate(made.owner_url, made.app_role, scripts)

    return work
