"""A small edition in reporting's database: its CPAS have signing keys, a log and an authority sign its heads."""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg2.extensions import connection as Connection

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))

from history_defaults import person
from history_ledger import LedgerBuilder

from miriam_emitter.signing import keys as signing
from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.life.domain import life
from miriam_reporting.reports.life.events import Step, read_report
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey

EDITION = "2023"
AUTHORITY = "authority.spp"
REGIONS = {"alpha": "brussels", "beta": "flanders", "gamma": "wallonia"}
PROJECTS = {"spp:p1": "alpha", "spp:p2": "beta"}


class Programme:
    """An edition, two projects, three CPAS of which `alpha` and `beta` carry one; what reporting knows of them."""

    def __init__(self, access: DatabaseAccess) -> None:
        self.access = access
        self.owner: Connection = database.connect(access.owner_url, "miriam-life-tests")
        self.app: Connection = database.connect(access.app_url, "miriam-life-tests")
        self.ledger = LedgerBuilder()
        self._loaded = 0
        self.keys = {cpas: Ed25519PrivateKey.from_private_bytes(_bytes(cpas)) for cpas in REGIONS}
        self.log = SigningKey.make("miriam.example/ledger", notes.LOG)
        self.authority = SigningKey.make("spp.example/witness", notes.COSIGNATURE)
        self.trust = Trust([self.log.verifier], self.authority.verifier)
        self.fact("edition.opened", edition=EDITION)
        for cpas, region in REGIONS.items():
            more = {} if cpas == "gamma" else {"signing_key": signing.public_half(self.keys[cpas])}
            self.fact("cpas.registered", cpas=cpas, region=region, **more)
        for name, cpas in PROJECTS.items():
            self.fact("project.approved", project=name, cpas=cpas)

    def fact(self, kind: str, **payload: Any) -> str:
        """Record a fact; it is loaded with the next `load`."""
        owned = str(payload.get("participation", payload.get("group", "")))
        home = next((name for name, cpas in PROJECTS.items() if cpas == owned.partition(":")[0]), None)
        if home and not kind.startswith(("person.", "key.")):
            payload = {"project": home, **payload}
        return self.ledger.record(kind, **payload)

    def support(self, participation: str) -> str:
        """Enrol a woman and hold a session with her; the session's id."""
        number = int(participation.partition(":w")[2])
        self.fact("participation.enrolled", participation=participation, person=person(number))
        return self.fact("session.held", participation=participation, session=f"{participation}-s1")

    def retire(self, edition: str) -> None:
        """Record that an edition is retired, with what intake adds to it."""
        data = {
            "edition": edition,
            "occurred_on": "2030-01-02",
            "retained_until": "2030-01-01",
            "projects": list(PROJECTS),
        }
        self.ledger.check = False  # the contract of the emitter does not know the projects
        self.ledger._append("miriam.edition.retired.v1", data, edition, "intake", "/authority/spp", "")
        self.ledger.check = True

    def load(self) -> int:
        """Load what was recorded since, and project it; the ledger's head."""
        new = self.ledger.bodies[self._loaded :]
        self._loaded = len(self.ledger.bodies)
        with self.owner:
            head = load_leaves(self.owner, new)
        self.project()
        return head

    def project(self) -> None:
        """Bring the facts to the ledger's head."""
        while True:
            with self.app:
                if not project(self.app, 500):
                    return

    def sign_head(self, cosigned: bool = True, at: dt.datetime | None = None) -> int:
        """Sign the ledger's head, as the checkpointer and the authority's witness do; its size."""
        with self.owner, self.owner.cursor() as cursor:
            cursor.execute("select position from ledger.head")
            size = int(cursor.fetchall()[0][0])
            root = root_at(self.owner, size)
            text = notes.Checkpoint(self.log.verifier.name, size, root).text()
            note = notes.Note(text, (notes.sign(text, self.log),))
            cursor.execute(
                "insert into ledger.checkpoint (size, root, note, signed_at) values (%s, %s, %s, coalesce(%s, now()))"
                " on conflict do nothing",
                (size, root, str(note), at),
            )
            if cosigned:
                checkpoints.add_cosignature(self.owner, size, notes.cosign(text, self.authority, 1_700_000_000))
        return size

    def sign(self, report: str, cpas: str, key: Ed25519PrivateKey | None = None) -> Step:
        """Sign a report as a CPAS does."""
        private = key or self.keys[cpas]
        with self.app:
            draft = life(read_report(self.app, report).state).draft
        assert draft is not None
        digest = next(each["digest"] for each in draft["signers"] if each["cpas"] == cpas)
        signature = signing.sign(private, EDITION, cpas, digest)
        return steps.sign(self.app, report, cpas, signing.public_half(private), signature)

    def draft(self, **more: Any) -> Step:
        """Draft the edition's report."""
        return steps.draft(self.app, EDITION, AUTHORITY, **more)

    def publish(self, report: str = "2023-r1", **more: Any) -> Step:
        """Publish, after a head was signed and cosigned."""
        self.sign_head()
        return steps.publish(self.app, report, AUTHORITY, self.trust, **more)

    def published(self) -> Step:
        """A report that was drafted, signed by both, published."""
        report = self.draft().data["report"]
        for cpas in PROJECTS.values():
            self.sign(report, cpas)
        return self.publish(report)

    def close(self) -> None:
        """End the connections."""
        self.owner.close()
        self.app.close()


def _bytes(name: str) -> bytes:
    return hashlib.sha256(f"life tests {name}".encode()).digest()
