"""Admitting emitters: credentials, rights and queues on the broker, and a row in each recording service's database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miriam_contracts.catalogue import EMITTER_KINDS
from miriam_contracts.reading import reading_token
from miriam_local import tokens
from miriam_local.certificates import Certificate
from miriam_local.deployment import Deployment
from miriam_local.doors import doors
from miriam_local.emitters import Emitter
from miriam_local.errors import LocalError
from miriam_local.passwords import write_private

CA_FILE = "ca.pem"


@dataclass(frozen=True)
class Admitted:
    """An emitter that may emit, and the file that holds its credentials."""

    emitter: Emitter
    credentials: Path
    new: bool


def admit(deployment: Deployment, emitters: Iterable[Emitter]) -> list[Admitted]:
    """Admit emitters, all in a few round trips. One that is admitted already keeps its password and loses nothing.

    It keeps a token for the HTTP door too that is good for another 30 days, and gets a new one otherwise.

    Raises:
        LocalError: an id is taken by an emitter of another kind.
        BrokerRefused: the broker says no.
        ServerFailed: the broker or a database does not answer.
    """
    return _admit(deployment, list(dict.fromkeys(emitters)), keep_revoked=False)


def _admit(deployment: Deployment, wanted: list[Emitter], *, keep_revoked: bool) -> list[Admitted]:
    _see_that_ids_are_free(deployment, wanted)
    known = {each.id: each for each in admitted(deployment)}
    deployment.broker.admit({each: password_of(deployment, each) for each in wanted})
    texts = {each.id: _token(deployment, each) for each in wanted}
    if deployment.recorders:
        with doors(deployment) as open_doors:
            texts = tokens.renewed(open_doors, texts, keep_revoked=keep_revoked)
    # The row comes last: a service takes up the emitter's queue when it sees it.
    _register(deployment, wanted)
    result = []
    for each in wanted:
        path = _file(deployment, each)
        _certify(deployment, each)
        write_private(path, _chosen(deployment, each) | credentials(deployment, each, texts[each.id]))
        result.append(Admitted(each, path, each.id not in known))
    return result


def refresh(deployment: Deployment) -> list[Admitted]:
    """Admit again those whom the broker no longer knows, or whose credentials name an address of yesterday or hold a
    token that is lost or ends soon.

    So a change of port, or of server, needs no emitter to be added anew. Raises as `admit` does.
    """
    known = admitted(deployment)
    if not known:
        return []
    users = _users(deployment)
    with doors(deployment) as open_doors:
        found = tokens.repair(open_doors)
    stale = []
    for each in known:
        told = _read(_file(deployment, each))
        text = _token(deployment, each)
        lost = bool(deployment.recorders) and tokens.stale(found, each.id, text)
        if each.user not in users or lost or told != _chosen(deployment, each) | credentials(deployment, each, text):
            stale.append(each)
    _register(deployment, [each for each in known if each not in stale])
    # A token that was revoked is left as it is: who revoked it may want it so. `miriam cpas add` gives another.
    return _admit(deployment, stale, keep_revoked=True) if stale else []


def admitted(deployment: Deployment) -> list[Emitter]:
    """Every emitter whose credentials were made here, by id."""
    found = []
    for path in sorted(deployment.places.emitters.glob("*.json")):
        known = json.loads(path.read_text(encoding="utf-8"))
        found.append(Emitter(known["id"], known["kind"]))
    return found


def _see_that_ids_are_free(deployment: Deployment, wanted: list[Emitter]) -> None:
    names = _users(deployment)
    kinds: dict[str, str] = {}
    for each in wanted:
        others = [kind for kind in EMITTER_KINDS if kind != each.kind and f"{kind}.{each.id}" in names]
        kind = kinds.setdefault(each.id, each.kind)
        if kind != each.kind:
            others.append(kind)
        if others:
            raise LocalError(
                f"{each.id} is a {others[0]} already: an id is one emitter's, whatever its kind", "choose another id"
            )


def _users(deployment: Deployment) -> set[str]:
    return {str(user["name"]) for user in deployment.broker.api.get("users")}


def password_of(deployment: Deployment, emitter: Emitter) -> str | None:
    """Its password of the broker; None where it logs in by certificate alone."""
    own = deployment.private_rabbitmq
    return None if own and own.tls else deployment.passwords.of(emitter.user)


def _certify(deployment: Deployment, emitter: Emitter) -> None:
    """Lay the files of TLS beside its credentials: who vouches for the broker, its certificate, and its key."""
    own, ca_file, folder = deployment.private_rabbitmq, deployment.amqp_ca_file, deployment.places.emitters
    if own and own.tls:
        files = Certificate(folder / f"{emitter.id}.certificate.pem", folder / f"{emitter.id}.key.pem")
        own.authority.for_client(files, emitter.user)
    if ca_file:
        shutil.copyfile(ca_file, folder / CA_FILE)


def credentials(deployment: Deployment, emitter: Emitter, token: str = "") -> dict[str, object]:
    """All that an emitter has to be told: where to send as whom, and where to read what stands under its name.

    Without a token it is told of no HTTP door.
    """
    door = {"http_url": deployment.front_url, "http_token": token} if token else {}
    own = deployment.private_rabbitmq
    tls = {"ca_file": CA_FILE} if deployment.amqp_ca_file else {}
    if own and own.tls:
        tls |= {"certificate_file": f"{emitter.id}.certificate.pem", "key_file": f"{emitter.id}.key.pem"}
    return {
        "id": emitter.id,
        "kind": emitter.kind,
        "source": emitter.source,
        "test": emitter.test,
        "amqp_url": deployment.amqp_url(emitter.user, password_of(deployment, emitter)),
        "keys_dir": str(deployment.places.public_keys),
        "reporting_url": deployment.reporting_url,
        "reading_token": reading_token(deployment.passwords.of("service token"), emitter.id),
        **tls,
        **door,
    }


def _file(deployment: Deployment, emitter: Emitter) -> Path:
    return deployment.places.emitters / f"{emitter.id}.json"


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _chosen(deployment: Deployment, emitter: Emitter) -> dict[str, Any]:
    """What its owner wrote into the file of its credentials: by which door it sends."""
    return {name: value for name, value in _read(_file(deployment, emitter)).items() if name == "over"}


def _token(deployment: Deployment, emitter: Emitter) -> str:
    return str(_read(_file(deployment, emitter)).get("http_token", ""))


def _register(deployment: Deployment, emitters: list[Emitter]) -> None:
    with doors(deployment) as open_doors:
        for service in open_doors.services:
            for each in emitters:
                open_doors.call(service, "select door.register_emitter(%s, %s, %s)", each.id, each.kind, each.test)
