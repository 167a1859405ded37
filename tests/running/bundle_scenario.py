"""A small edition in reporting's database, with the ways in which figures go: published, corrected, shared, retracted.

CPAS `alpha` and `beta` carry a project each; `gamma` and `delta` one together. Alpha's and beta's women stay at home;
a woman of gamma is one with a woman of delta, and groups of gamma host delta's.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from history_defaults import person
from history_ledger import LedgerBuilder

from miriam_emitter.signing import keys as signatures
from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.facts.projection import project
from miriam_reporting.indicators.definitions import parse
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.life.domain import life
from miriam_reporting.reports.life.events import read_report
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey, write_private, write_public

EDITION = "2023"
AUTHORITY = "authority.spp"
ORIGIN = "miriam.example/ledger"
REGIONS = {"alpha": "brussels", "beta": "flanders", "gamma": "wallonia", "delta": "wallonia"}
PROJECTS = {"alpha": "spp:p1", "beta": "spp:p2", "gamma": "spp:p3", "delta": "spp:p3"}


class Programme:
    """What happened, and the keys of all who sign."""

    def __init__(self, access: DatabaseAccess, folder: Path) -> None:
        self.access, self.folder = access, folder
        self.owner = database.connect(access.owner_url, "miriam-bundle-tests")
        self.app = database.connect(access.app_url, "miriam-bundle-tests")
        self.ledger = LedgerBuilder()
        self._loaded = 0
        self.signing = {cpas: Ed25519PrivateKey.from_private_bytes(_bytes(cpas)) for cpas in REGIONS}
        self.log = SigningKey.make(ORIGIN, notes.LOG)
        self.authority = SigningKey.make("spp.example/witness", notes.COSIGNATURE)
        self.trust = Trust([self.log.verifier], self.authority.verifier)
        self.keys = folder / "keys"
        write_private(self.log, self.keys / "log.pem")
        write_public([self.log.verifier], self.keys / "log.vkeys")
        write_public([self.authority.verifier], self.keys / "witnesses.vkeys")
        self.authority_pub = folder / "AUTHORITY.pub"
        write_public([self.authority.verifier, self.log.verifier], self.authority_pub, "Keys of the programme")

    # -- what happened ---------------------------------------------------------------------------------------------

    def fact(self, kind: str, **payload: Any) -> str:
        """Record a fact; it is loaded with the next `load`."""
        owned = str(payload.get("participation", payload.get("group", "")))
        home = PROJECTS.get(owned.partition(":")[0])
        if home and not kind.startswith("person."):
            payload = {"project": home, **payload}
        return self.ledger.record(kind, **payload)

    def tell(self) -> None:
        """The whole story."""
        for edition in ("2023", "2024"):
            self.fact("edition.opened", edition=edition)
        for cpas, region in REGIONS.items():
            key = {} if cpas == "beta" else {"signing_key": signatures.public_half(self.signing[cpas])}
            self.fact("cpas.registered", cpas=cpas, region=region, names={"fr": f"{cpas} é\U0001f600\u2028"}, **key)
        self.fact("consortium.formed", consortium="spp:c1", lead="gamma", members=["gamma", "delta"])
        for name, cpas in (("spp:p1", "alpha"), ("spp:p2", "beta"), ("spp:p3", "gamma")):
            self.fact(
                "project.approved", project=name, cpas=cpas, **({"consortium": "spp:c1"} if name == "spp:p3" else {})
            )
        self.fact("project.approved", project="spp:q1", cpas="alpha", edition="2024")
        self.fact("project.payment_made", project="spp:p1")
        self.fact("project.cost_declared", project="spp:p1")
        for number, cpas in enumerate(("alpha", "alpha", "alpha", "beta", "gamma", "delta"), 1):
            self._woman(f"{cpas}:w{number}", number)
        self.fact(
            "participation.enrolled",
            participation="alpha:w9",
            project="spp:q1",
            person=person(9),
            occurred_on="2024-10-01",
        )
        self.fact("person.linked", participation="gamma:w5", other="delta:w6")
        self.fact("group.formed", group="gamma:g1", consortium="spp:c1")
        for participation in ("gamma:w5", "delta:w6"):
            self.fact("group.joined", group="gamma:g1", participation=participation)
        self.fact("groupsession.held", group="gamma:g1", present=["gamma:w5", "delta:w6"])
        self.fact(
            "groupsession.held", group="gamma:g1", occurred_on="2023-10-16", present=["gamma:w5"], absent=["delta:w6"]
        )
        self.fact("session.held", participation="alpha:w77")
        self.fact("session.held", participation="alpha:w1", project="spp:zz")
        wrong = self.fact("session.held", participation="alpha:w1", duration_minutes=600)
        self.ledger.correct(wrong, duration_minutes=60)
        self.ledger.retract(self.fact("session.held", participation="beta:w4"))
        self.fact("door.tallied", counts=[{"emitter": "beta", "rule": "required", "count": 2}])

    def _woman(self, participation: str, number: int) -> None:
        self.fact("participation.enrolled", participation=participation, person=person(number))
        self.fact("session.held", participation=participation)
        self.fact("goal.set", participation=participation, goal=f"{participation}-o")
        self.fact("goal.reached", participation=participation, goal=f"{participation}-o")
        for moment in ("start", "end"):
            self.fact("assessment.completed", participation=participation, moment=moment)
        self.fact("participation.ended", participation=participation, occurred_on="2024-05-01")

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

    # -- who signs -------------------------------------------------------------------------------------------------

    def sign_head(self) -> int:
        """Sign the ledger's head, as the checkpointer and the authority's witness do; its size."""
        with self.owner, self.owner.cursor() as cursor:
            cursor.execute("select position from ledger.head")
            size = int(cursor.fetchall()[0][0])
            text = notes.Checkpoint(ORIGIN, size, root_at(self.owner, size)).text()
            note = notes.Note(text, (notes.sign(text, self.log),))
            cursor.execute(
                "insert into ledger.checkpoint (size, root, note) values (%s, %s, %s) on conflict do nothing",
                (size, root_at(self.owner, size), str(note)),
            )
            checkpoints.add_cosignature(self.owner, size, notes.cosign(text, self.authority, 1_700_000_000))
        return size

    def publish(self) -> None:
        """Draft, sign (all but beta, which has no key), publish with a reason; reopen, correct, draft, restate.

        The first by definitions of another day, which say the same in other words.
        """
        with patch.object(steps, "current", lambda: other_words()):
            steps.draft(self.app, EDITION, AUTHORITY)
        for cpas in ("alpha", "gamma", "delta"):
            self.sign(cpas)
        self.sign_head()
        steps.publish(self.app, "2023-r1", AUTHORITY, self.trust, unsigned_reason="Beta has no key yet.")
        self.fact("session.held", participation="alpha:w2", occurred_on="2023-11-02")
        self.load()
        steps.reopen(self.app, "2023-r1", AUTHORITY, "A late session of alpha.")
        steps.draft(self.app, EDITION, AUTHORITY)
        self.sign("alpha")
        self.sign_head()
        steps.publish(
            self.app,
            "2023-r1",
            AUTHORITY,
            self.trust,
            unsigned_reason="Beta has no key yet.",
            restated_because="Late.",
        )
        self.project()

    def sign(self, cpas: str) -> None:
        """Sign the draft as a CPAS does."""
        with self.app:
            draft = life(read_report(self.app, "2023-r1").state).draft
        assert draft is not None
        digest = next(each["digest"] for each in draft["signers"] if each["cpas"] == cpas)
        key = self.signing[cpas]
        steps.sign(self.app, "2023-r1", cpas, signatures.public_half(key), signatures.sign(key, EDITION, cpas, digest))

    def close(self) -> None:
        """End the connections."""
        self.owner.close()
        self.app.close()


def other_words() -> Definitions:
    """Today's definitions, but for a comment in one of them."""
    now = current()
    i01 = now.indicators["I01"]
    reworded = parse(i01.file, f"{i01.text}\n-- as it was worded then\n", i01.lists)
    return replace(now, indicators={**now.indicators, "I01": reworded})


def _bytes(name: str) -> bytes:
    return hashlib.sha256(f"bundle tests {name}".encode()).digest()
