"""The four who look: the sweep, the comparison with the stores, the witness, the emitters. Each says what it found."""

from __future__ import annotations

import datetime as dt
from contextlib import closing

import psycopg2
from small_platform import TOKEN, SmallPlatform

from miriam_emitter.reconcile import reconcile as reconcile_emitter
from miriam_emitter.reconcile.believing import trusted
from miriam_reporting.audit.reconcile import OwnStore, RemoteStore, Store, reconcile
from miriam_reporting.audit.sweep import sweep
from miriam_transparency.log import LogClient, LogRefused
from miriam_transparency.witness import Refused, Seen


def cosign(platform: SmallPlatform) -> Seen | None:
    """One round of the authority's witness. Raises Refused."""
    with platform.witness().holding() as witness:
        return witness.round(LogClient(platform.url))


def verify(platform: SmallPlatform) -> list[str]:
    """What `miriam audit verify` names."""
    with closing(psycopg2.connect(platform.reporting.app_url)) as connection:
        connection.autocommit = True
        found = sweep(connection, trusted(platform.trust))
    return [f"{each.check}: {each.what}" for each in found.findings.kept]


def stores(platform: SmallPlatform, patience: dt.timedelta = dt.timedelta(hours=1)) -> list[str]:
    """What `miriam audit reconcile` names."""
    told = []
    with closing(psycopg2.connect(platform.reporting.app_url)) as connection:
        connection.autocommit = True
        remote = [RemoteStore(name, platform.owner_urls(), TOKEN) for name in platform.services]
        every: list[Store] = [*remote, OwnStore(connection)]
        for each in every:
            found = reconcile(connection, each, patience, dt.datetime.now(dt.UTC))
            told += [f"{one.check}: {one.source} {one.sequence}: {one.what}" for one in found.findings.kept]
    return told


def witness(platform: SmallPlatform) -> list[str]:
    """Why the witness refuses the head that it is shown."""
    try:
        cosign(platform)
    except Refused as refused:
        return [str(refused)]
    except LogRefused as refused:
        return [f"the log cannot prove it: {refused}"]
    return []


def emitters(platform: SmallPlatform) -> list[str]:
    """What `miriam emit --reconcile` names, for each of the emitters."""
    told = []
    for settings in platform.emitters.values():
        found = reconcile_emitter(settings, trusted(platform.trust))
        told += [f"{each.kind}: {each.service} {each.sequence}: {each.what}" for each in found.differences]
    return told


FINDERS = {"verify": verify, "reconcile": stores, "witness": witness, "emitters": emitters}


def found_by(platform: SmallPlatform) -> set[str]:
    """Who finds something; the witness last, for it remembers what it sees."""
    order = ("verify", "reconcile", "emitters", "witness")
    return {name for name in order if FINDERS[name](platform)}
