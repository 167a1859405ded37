"""Makes a fixture out of a random history: drafted, published, reopened and restated in a database that is thrown away.

python tests/published/invent.py FOLDER [--seed 1] [--leaves 300]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))
sys.path.insert(0, str(Path(__file__).parent))

from histories import seeded
from keep import keep
from psycopg2.extensions import connection as Connection

from miriam_local.postgres import PrivatePostgres
from miriam_platform import database
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.migrating import migrate_reporting
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey

EDITION = "2023"
REPORT = f"{EDITION}-r1"
ACTOR = "authority.spp"


class Office:
    """The authority, with a log that signs and a witness who cosigns."""

    def __init__(self, owner: Connection, app: Connection) -> None:
        self.owner = owner
        self.app = app
        self.log = SigningKey.make("miriam.example/ledger", notes.LOG)
        self.witness = SigningKey.make("spp.example/witness", notes.COSIGNATURE)

    def load(self, bodies: list[bytes]) -> None:
        """Add leaves and project them."""
        with self.owner:
            load_leaves(self.owner, bodies)
        while True:
            with self.app:
                if not project(self.app, 500):
                    return

    def publish(self, because: str | None, edition: str = EDITION, report: str = REPORT) -> str:
        """Draft at the head and publish, or restate; the publication's event."""
        steps.draft(self.app, edition, ACTOR, report=report)
        with self.owner, self.owner.cursor() as cursor:
            cursor.execute("select position from ledger.head")
            ((size,),) = cursor.fetchall()
            root = root_at(self.owner, size)
            text = notes.Checkpoint(self.log.verifier.name, size, root).text()
            checkpoints.add(self.owner, size, root, str(notes.Note(text, (notes.sign(text, self.log),))))
            checkpoints.add_cosignature(self.owner, size, notes.cosign(text, self.witness, 1_700_000_000))
        trust = Trust([self.log.verifier], self.witness.verifier)
        done = steps.publish(self.app, report, ACTOR, trust, "Nobody of a random history signs.", because)
        return done.event_id


def invent(folder: Path, seed: int, leaves: int) -> None:
    """Make the fixture."""
    bodies = seeded(seed, leaves)
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        with PrivatePostgres.throw_away(Path(place) / "postgres").running() as server:
            access = server.new_database("miriam_reporting")
            migrate_reporting(access.owner_url, access.app_role)
            office = Office(database.connect(access.owner_url, "invent"), database.connect(access.app_url, "invent"))
            office.load(bodies[: 2 * leaves // 3])
            office.publish(None)
            steps.reopen(office.app, REPORT, ACTOR, "Late facts.")
            office.load(bodies[2 * leaves // 3 :])
            office.publish("Late facts.")
            with office.app:
                print(f"{folder}: {keep(office.app, REPORT, folder)} publications")
            office.owner.close()
            office.app.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leaves", type=int, default=300)
    given = parser.parse_args()
    invent(given.folder, given.seed, given.leaves)
