"""Personal values go in by every door and every way; then every file that the platform leaves behind is read."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg2
import pytest
from attacker import Attacker
from markers import forms, search, search_files
from running_platform import RunningPlatform

from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES, SERVICES
from miriam_emitter import Emitter, Settings
from miriam_local.processes import wait_until

# Nobody's: no name holds these letters, and day 00 of month 00 is given to no one.
MARKERS = {
    "first name": "Zqxvkfirst",
    "last name": "Zqxvklast",
    "birth date": "1903-11-07",
    "national number": "03000099736",
    "national number, written": "03.00.00-997.36",
    "note at enrolment": "Zqxvknote",
    "note of a session": "Zqxvksession",
    "note of a goal": "Zqxvkgoal",
    "note at the end": "Zqxvkend",
    "corrected name": "Zqxvkmended",
    "corrected note": "Zqxvkrewritten",
    "refused name": "Zqxvkrefused",
    "parked name": "Zqxvkparked",
    "raw name": "Zqxvkraw",
}
PUBLIC = "Zqxvkpublic"


@pytest.mark.parametrize("form", [name for name, _ in forms("Zqxvkplain")])
@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_the_search_finds_a_marker_in_each_form(form: str, before: str, tmp_path: Path) -> None:
    encoding = next(name for name in ("utf-16-le", "utf-16-be", "utf-8") if name in form)
    text = f"{before}Zqxvkplain and more".encode(encoding)
    for written in ("hex", "HEX", "base64url", "base64"):
        if form.startswith(written):
            encode = {
                "hex": lambda b: b.hex().encode(),
                "HEX": lambda b: b.hex().upper().encode(),
                "base64": base64.b64encode,
                "base64url": base64.urlsafe_b64encode,
            }[written]
            text = encode(text)
            break
    (tmp_path / "file").write_bytes(b"\1\2\3" + text + b"\4")
    found, _ = search_files([tmp_path], {"plain": "Zqxvkplain"})
    kinds = {found_form.form.partition(",")[0] for found_form in found}
    assert form.partition(",")[0] in kinds


def enrolment(cpas: Attacker, **block: str) -> dict[str, Any]:
    """An enrolment with a personal block, as a CPAS system hands it to its emitter: open."""
    event = cpas.event("participation.enrolled")
    event["data"]["personal"] = {
        "first_name": MARKERS["first name"],
        "last_name": MARKERS["last name"],
        "birth_date": MARKERS["birth date"],
        "niss": MARKERS["national number"],
        "text": MARKERS["note at enrolment"],
        **block,
    }
    return event


def of_her(cpas: Attacker, kind: str, enrolled: dict[str, Any], note: str, **data: Any) -> dict[str, Any]:
    """Another fact of the same woman, with a note."""
    event = cpas.event(kind, **data)
    event["subject"] = event["data"]["participation"] = enrolled["subject"]
    if note:
        event["data"]["personal"] = {"text": note}
    return event


def corrected(first: dict[str, Any], recorded: str, personal: dict[str, str]) -> dict[str, Any]:
    """A correction of a fact, with a block of its own."""
    kind = EVENT_TYPES[first["type"]]
    replacement = {**first["data"], "personal": personal}
    data = {
        "corrects": recorded,
        "supersedes": recorded,
        "fact": kind.fact,
        "reason": "typing_error",
        "occurred_on": first["data"]["occurred_on"],
        "replacement": replacement,
    }
    type_ = f"miriam.{kind.family}.corrected.v{kind.version}"
    return {**first, "id": f"{first['id']}-again", "type": type_, "data": data}


@contextmanager
def broken_intake(platform: RunningPlatform) -> Iterator[None]:
    """Intake fails by our own fault: it may not mint persons."""
    right = "execute on function person.of_number(bytea, text)"
    with closing(psycopg2.connect(platform.deployment.database("intake").owner_url)) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute(f"revoke {right} from miriam_intake_app")
            yield
            cursor.execute(f"grant {right} to miriam_intake_app")


def plant(platform: RunningPlatform, cpas: Attacker, authority: Attacker) -> list[dict[str, Any]]:
    """Send personal values in every way there is; the receipts."""
    outcomes: dict[str, str] = {}
    with Emitter(Settings.load(cpas.id, home=platform.home)) as emitter:

        def put(*events: dict[str, Any]) -> list[dict[str, Any]]:
            emitter.put(events)
            emitter.run(patience=60)
            answers = [receipt.content for receipt in emitter.spool.answers(event["id"] for event in events)]
            outcomes.update({answer["id"]: answer["receipt"] for answer in answers})
            return answers

        first = enrolment(cpas)
        again = enrolment(cpas, niss=MARKERS["national number, written"])
        facts = [
            of_her(cpas, "session.held", first, MARKERS["note of a session"]),
            of_her(cpas, "goal.set", first, MARKERS["note of a goal"]),
        ]
        end = of_her(cpas, "participation.ended", first, MARKERS["note at the end"])
        told = put(first, again, *facts, end)
        ids = {answer["id"]: answer["events"][0]["id"] for answer in told}
        told += put(
            corrected(first, ids[first["id"]], {"last_name": MARKERS["corrected name"]}),
            corrected(facts[0], ids[facts[0]["id"]], {"text": MARKERS["corrected note"]}),
        )
        assert set(outcomes.values()) == {"recorded"}
        # Refused, with its block: she is enrolled already. Refused, with a block that keeps no contract.
        twice = enrolment(cpas, last_name=MARKERS["refused name"])
        twice["subject"] = twice["data"]["participation"] = first["subject"]
        wrong = enrolment(cpas, first_name=MARKERS["refused name"], birth_date="never")
        told += put(twice, wrong)
        assert [outcomes[event["id"]] for event in (twice, wrong)] == ["refused", "refused"]
        with broken_intake(platform):
            parked = enrolment(cpas, last_name=MARKERS["parked name"])
            told += put(parked)
        assert outcomes[parked["id"]] == "parked"
    # Past the emitter, sealed by hand, by one who may not send it: refused at the very door.
    raw = enrolment(authority, last_name=MARKERS["raw name"])
    raw["data"]["personal"] = cpas.sealed("intake", raw["data"]["personal"])
    authority.publish(raw)
    told.append(authority.answer())
    assert told[-1]["receipt"] == "refused"
    authority.publish(authority.event("edition.opened", name=PUBLIC, edition="markers") | {"subject": "markers"})
    told.append(authority.answer())
    assert told[-1]["receipt"] == "recorded"
    return told


def rows(platform: RunningPlatform) -> Iterator[tuple[str, bytes]]:
    """Every row of every table of every database, as text: a compressed column hides nothing here.

    But for what another session has for itself, an edition that stays laid out: nobody else can read it, and it is made
    of tables that are read here.
    """
    for service in SERVICES:
        tables = platform.ask(
            service,
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like 'pg_temp%'",
        )
        for (table,) in tables:
            yield (
                f"{service} {table}",
                "\n".join(r for (r,) in platform.ask(service, f"select t::text from {table} t")).encode(),
            )


def as_superuser(platform: RunningPlatform, *statements: str) -> None:
    """Run statements as PostgreSQL's superuser."""
    with closing(psycopg2.connect(platform.deployment.admin.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def test_no_personal_value_is_in_the_clear_anywhere(
    platform: RunningPlatform, anderlecht: Attacker, authority: Attacker
) -> None:
    # Compressed pages in the log could hide what is looked for.
    as_superuser(platform, "alter system set wal_compression = off", "select pg_reload_conf()")
    time.sleep(1)
    told = plant(platform, anderlecht, authority)
    assert wait_until(lambda: platform.settle(60)["projected"] > 0, 60)
    as_superuser(platform, "checkpoint")

    private = platform.deployment.private_postgres
    assert private is not None
    folders = [platform.home, *([] if private.folder.is_relative_to(platform.home) else [private.folder])]
    found, size = search_files(folders, MARKERS | {"public": PUBLIC})
    leaked = [each for each in found if each.marker != "public"]
    assert leaked == [], leaked[:10]
    # The search works: what is public is found where it must be, on both servers' disks, in the log of changes too.
    public = {each.place for each in found}
    assert size > 50_000_000
    for part in ("/pg_wal/", "/base/", "/rabbitmq/mnesia/"):
        assert any(part in place for place in public), (part, public)

    told_text = [("receipts", orjson.dumps(told))]
    ledger = [("ledger", leaf.body) for leaf in platform.leaves()]
    held = list(rows(platform))
    assert [each for place, text in (*told_text, *ledger, *held) for each in search(text, place, MARKERS)] == []
    for part in ("intake event_store.event", "reporting ledger.leaf"):
        assert any(PUBLIC.encode() in text for place, text in held if place == part)
    # And the values did arrive: as many sealed blocks as were recorded with one, and each refusal and the parked kept.
    blocks = {s: platform.ask(s, "select count(*) from sealed.block")[0][0] for s in RECORDING_SERVICES}
    assert (blocks["intake"] >= 4, blocks["sessions"] >= 3) == (True, True)
    assert platform.ask("intake", "select count(*) from door.parked where status = 'parked'")[0][0] == 1
