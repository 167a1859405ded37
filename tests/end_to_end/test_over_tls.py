"""`MIRIAM_AMQP_TLS=1 miriam up`: no byte of AMQP goes in the clear, and no emitter has a password."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pika
import pytest
from emission import emit
from facts import facts
from pika.exceptions import AMQPConnectionError
from running_platform import RunningPlatform, running_platform

from miriam_contracts.catalogue import RECORDING_SERVICES

KINDS = {"intake": "participation.referred", "sessions": "session.held", "groups": "group.formed"}


@pytest.fixture(scope="module")
def platform(server_folder: Path) -> Iterator[RunningPlatform]:
    folder = server_folder / "over-tls"
    folder.mkdir(mode=0o755)
    with running_platform(folder, MIRIAM_AMQP_TLS="1") as found:
        found.miriam("cpas", "add", "anderlecht")
        yield found


def test_what_an_emitter_sends_goes_all_the_way_to_the_ledger(platform: RunningPlatform, tmp_path: Path) -> None:
    for service in RECORDING_SERVICES:
        found = emit(platform.home, "anderlecht", facts(KINDS[service], 20), tmp_path / f"{service}.spool")
        assert [receipt.outcome for receipt in found] == ["recorded"] * 20
    assert platform.settle()["position"] == 60
    broker = platform.deployment.private_rabbitmq
    assert broker is not None
    seen = broker.api.get("connections")
    assert {each["user"].partition(".")[0] for each in seen} >= {"service"}
    assert all(each["ssl"] for each in seen)


def test_the_broker_answers_nobody_without_tls(platform: RunningPlatform) -> None:
    broker = platform.deployment.private_rabbitmq
    assert broker is not None
    open_ = replace(broker, tls=False).url("miriam")
    with pytest.raises(AMQPConnectionError):
        pika.BlockingConnection(pika.URLParameters(open_))


def test_the_credentials_name_files_that_their_owner_alone_reads(platform: RunningPlatform) -> None:
    folder = platform.places.emitters
    told = json.loads((folder / "anderlecht.json").read_text("utf-8"))
    assert told["amqp_url"].startswith("amqps://cpas.anderlecht@")
    assert platform.deployment.passwords.of("cpas.anderlecht") not in json.dumps(told)
    for member in ("certificate_file", "key_file"):
        assert stat.S_IMODE((folder / told[member]).stat().st_mode) == 0o600
    assert (folder / told["ca_file"]).read_bytes() == (platform.places.rabbitmq / "tls" / "ca.pem").read_bytes()


def test_admitting_again_keeps_the_certificate(platform: RunningPlatform) -> None:
    before = (platform.places.emitters / "anderlecht.certificate.pem").read_bytes()
    platform.miriam("cpas", "add", "anderlecht")
    assert (platform.places.emitters / "anderlecht.certificate.pem").read_bytes() == before
