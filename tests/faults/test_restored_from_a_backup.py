"""A database is lost and comes back from an older backup: nothing recorded is lost, and nothing erased comes back."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from emission import emit
from facts import CPAS
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from running_platform import RunningPlatform

from miriam_contracts.examples import payload
from miriam_local.processes import wait_until

DPO = "spp-is-dpo"
_EVENTS = "select sequence, id::text, stream, version, body from event_store.event order by sequence"
_HELD = (
    "select participation from sealed.block union select participation from sealed.key where wrapped is not null"
    " order by 1"
)


def enrolment(number: int, niss: str) -> dict[str, Any]:
    participation = f"{CPAS}:p-{number}"
    changes: dict[str, Any] = {
        "participation": participation,
        "personal": {"niss": niss},
        "case_manager": f"{CPAS}:cm-1",
    }
    return {
        "id": f"enrolled-{number}",
        "type": "miriam.participation.enrolled.v1",
        "subject": participation,
        "time": "2023-10-02T10:00:00+02:00",
        "data": payload("participation.enrolled", **changes),
    }


def dump(platform: RunningPlatform, service: str, file: Path) -> None:
    _run("pg_dump", "-Fc", "-f", str(file), _superuser(platform, service))


def restore(platform: RunningPlatform, service: str, file: Path) -> None:
    access = platform.deployment.database(service)
    with closing(psycopg2.connect(platform.deployment.admin.url)) as admin:
        admin.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with admin.cursor() as cursor:
            cursor.execute(f"drop database {access.name} with (force)")
            cursor.execute(f"create database {access.name} owner {access.owner_role} template template0")
    _run("pg_restore", "--exit-on-error", "-d", _superuser(platform, service), str(file))


def _superuser(platform: RunningPlatform, service: str) -> str:
    return platform.deployment.admin.url.rpartition("/")[0] + f"/{platform.deployment.database(service).name}"


def _run(program: str, *arguments: str) -> None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    subprocess.run([str(found[-1]) if found else program, *arguments], check=True, capture_output=True)


def test_intake_restored_from_an_older_backup_opens_where_the_ledger_stands(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    platform.miriam("cpas", "add", CPAS)
    platform.miriam("cpas", "add", DPO, "--kind", "dpo")
    emit(platform.home, CPAS, [enrolment(1, "85073003328"), enrolment(2, "85473003317")], tmp_path / "first")
    platform.settle()
    dump(platform, "intake", tmp_path / "backup")

    emit(platform.home, CPAS, [enrolment(n, "85473003317") for n in range(3, 40)], tmp_path / "second")
    erased = f"{CPAS}:p-1"
    platform.miriam("erase", "--participation", erased, "--ground", "objection", "--actor", DPO, "--yes")
    platform.settle()
    before, leaves = platform.ask("intake", _EVENTS), platform.leaves()

    platform.run_only("sessions", "groups")
    restore(platform, "intake", tmp_path / "backup")
    assert (erased,) in platform.ask("intake", _HELD), "the backup brings back what was erased"

    # Without the ledger it does not open: it would give numbers a second time, and answer for a woman who was erased.
    platform.supervisor.begin(["intake", "intake-relay"])
    assert wait_until(lambda: "waiting for the ledger" in platform.told("intake"), 60), platform.told("intake")
    assert platform.get("intake", "/healthz") is None
    assert len(platform.ask("intake", _EVENTS)) == 2

    platform.supervisor.begin(["reporting", "reporting-projector"])
    assert wait_until(lambda: platform.get("intake", "/healthz"), 60, 0.05), platform.told("intake")
    # As soon as it answers, all is done.
    assert platform.ask("intake", _EVENTS) == before
    held = [p for (p,) in platform.ask("intake", _HELD)]
    assert erased not in held
    assert held == [f"{CPAS}:p-2"], "sealed blocks that no backup holds stay lost"
    assert platform.ask("intake", "select count(*) from person.mapping") == [(1,)]

    (receipt,) = emit(platform.home, CPAS, [enrolment(99, "85473003317")], tmp_path / "third")
    assert receipt.content["events"][0]["sequence"] == len(before) + 1
    head = platform.settle()
    assert head["alarms"] == 0
    assert platform.leaves()[: len(leaves)] == leaves
