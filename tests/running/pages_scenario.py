"""A database of reporting with an edition in it that was published and restated, and browsers of each role."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from histories import seeded
from invent import REPORT, Office
from pages_privacy import enter_requests, with_an_erasure
from psycopg2.extensions import connection as Connection
from werkzeug.test import TestResponse

from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.migrating import migrate_reporting
from miriam_reporting.reports.life import steps
from miriam_reporting.web.app import create_app
from miriam_reporting.web.settings import Settings

EDITION = "2023"
ROLES = ("public", "cpas", "authority", "auditor", "dpo", "operator")
SECRET = "a secret of the tests, which signs cookies"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def fill(access: DatabaseAccess, seed: int = 5, leaves: int = 900) -> Office:
    """Migrate the database; load a random history of an edition, published after two thirds and restated at its end."""
    migrate_reporting(access.owner_url, access.app_role)
    bodies = with_an_erasure(seeded(seed, leaves))
    office = Office(database.connect(access.owner_url, "pages-tests"), database.connect(access.app_url, "pages-tests"))
    office.load(bodies[: 2 * len(bodies) // 3])
    office.publish(None)
    steps.reopen(office.app, REPORT, "authority.spp", "Late facts.")
    office.load(bodies[2 * len(bodies) // 3 :])
    office.publish("Late facts were counted.")
    enter_requests(office.app)
    return office


def settings_of(access: DatabaseAccess, keys_dir: Path) -> Settings:
    """What the pages of a test are told; `dataclasses.replace` changes it."""
    return Settings(access.app_url, "127.0.0.1:0", "http://localhost", SECRET, keys_dir=keys_dir, per_minute=0)


def make_link(owner: Connection, role: str, cpas: str | None = None, name: str = "tester") -> str:
    """The text of a one-time link, made as `miriam tokens sign-in` makes it."""
    text = secrets.token_urlsafe(24)
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "insert into pages.link (hash, role, name, cpas, expires_at)"
            " values (%s, %s, %s, %s, clock_timestamp() + interval '1 hour')",
            (hashlib.sha256(text.encode()).digest(), role, name, cpas),
        )
    return text


@dataclass
class Reader:
    """A browser without script: it follows links and sends forms, with the tokens that they hold."""

    client: FlaskClient
    language: str = "en"
    token: str = field(default="", init=False)

    def get(self, address: str) -> TestResponse:
        """Open an address; redirections are not followed."""
        headers = {"Accept-Language": self.language}
        answer = self.client.get(address, headers=headers)
        if found := _TOKEN.search(answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""):
            self.token = found[1]
        return answer

    def post(self, address: str, **form: str) -> TestResponse:
        """Send a form, as the page that was opened last would."""
        headers = {"Accept-Language": self.language}
        return self.client.post(address, data={"csrf_token": self.token, **form}, headers=headers)

    def sign_in(self, link: str) -> None:
        """Use a one-time link."""
        assert self.get(f"/sign-in/{link}").status_code == 200
        assert self.post(f"/sign-in/{link}").status_code == 303

    def say_why(self, purpose: str = "a test looks at it") -> None:
        """Tell the purpose that pages of single women ask for."""
        assert self.get("/purpose?next=/").status_code == 200
        assert self.post("/purpose", purpose=purpose, next="/").status_code == 303


@dataclass(frozen=True)
class Pages:
    """The pages on a filled database."""

    app: Flask
    office: Office
    access: DatabaseAccess
    cpas: str

    def reader(self, role: str = "public", *, purpose: str | None = None, language: str = "en") -> Reader:
        """Somebody of a role; who is of the role cpas is of `cpas`. With a purpose, where one is given."""
        made = Reader(self.app.test_client(), language)
        if role != "public":
            made.sign_in(make_link(self.office.owner, role, self.cpas if role == "cpas" else None))
        if purpose:
            made.say_why(purpose)
        return made


def opened(access: DatabaseAccess, keys_dir: Path) -> Pages:
    """Pages on an empty database, which is filled."""
    office = fill(access)
    keys_dir.mkdir(parents=True, exist_ok=True)
    (keys_dir / "log.vkeys").write_text(f"{office.log.verifier.text()}\n", "utf-8")
    (keys_dir / "witnesses.vkeys").write_text(f"{office.witness.verifier.text()}\n", "utf-8")
    with office.app, office.app.cursor() as cursor:
        cursor.execute(
            "select cpas from facts.participation where cpas is not null group by cpas order by count(*) desc, cpas"
        )
        rows = cursor.fetchall()
    return Pages(create_app(settings_of(access, keys_dir)), office, access, str(rows[0][0]))
