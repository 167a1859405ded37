"""Write event logs of a random history: `write_log.py FOLDER` makes standing.json and history.json there.

Runs in the project's own environment, on a PostgreSQL of its own that is thrown away.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))

from histories import seeded
from reporting_database import ReportingDatabase

from miriam_local.postgres import PrivatePostgres
from miriam_reporting.audit.ocel import happenings, write_ocel
from miriam_reporting.migrating import migrate_reporting

EDITION = "2023"


def main(folder: Path) -> None:
    """Load a history of some thousand events, and write its edition twice."""
    with tempfile.TemporaryDirectory(prefix="miriam-ocel-") as name:
        Path(name).chmod(0o755)
        with PrivatePostgres.throw_away(Path(name) / "postgres").running() as server:
            access = server.new_database("miriam_reporting_ocel")
            migrate_reporting(access.owner_url, access.app_role)
            database = ReportingDatabase(access.owner_url, access.app_url)
            database.load(seeded(11, 2000))
            for history in (False, True):
                file = folder / ("history.json" if history else "standing.json")
                with (
                    happenings(database.app, EDITION, None, history) as course,
                    file.open("w", encoding="utf-8") as out,
                ):
                    log = write_ocel(course, out)
                print(f"{file.name}: {log.events} events, {log.objects} objects")
            database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
