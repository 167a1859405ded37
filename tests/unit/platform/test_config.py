"""Configuration: the key and the rule that it breaks, in one sentence, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pika.credentials import ExternalCredentials

from miriam_local.certificates import Certificate, CertificateAuthority
from miriam_platform import broker_address, config
from miriam_platform.config import ConfigurationError

GOOD = {
    "MIRIAM_DATABASE_URL": "postgresql://app:secret@127.0.0.1:47001/miriam_intake",
    "MIRIAM_MIGRATION_URL": "postgresql://owner:secret@127.0.0.1:47001/miriam_intake",
    "MIRIAM_AMQP_URL": "amqp://service.intake:secret@127.0.0.1:47002/miriam",
    "MIRIAM_HTTP_ADDRESS": "127.0.0.1:47011",
    "MIRIAM_KEYS_DIR": "/somewhere/keys",
    "MIRIAM_SERVICE_TOKEN": "0123456789abcdef",
}


def test_a_whole_configuration_is_read() -> None:
    read = config.read(GOOD)
    assert read.http_address == "127.0.0.1:47011"
    assert read.log_level == "info"
    config.need(read, "database_url", "amqp_url", "keys_dir", "service_token")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MIRIAM_DATABASE_URL", "mysql://secret"),
        ("MIRIAM_AMQP_URL", "http://secret"),
        ("MIRIAM_HTTP_ADDRESS", "secret"),
        ("MIRIAM_HTTP_ADDRESS", "127.0.0.1:99999"),
        ("MIRIAM_SERVICE_TOKEN", "secret"),
        ("MIRIAM_LOG_LEVEL", "secret"),
    ],
)
def test_a_key_that_breaks_its_rule_is_named_and_its_value_is_not_told(key: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=key) as told:
        config.read({**GOOD, key: value})
    assert "secret" not in str(told.value)


def test_the_files_of_tls_are_joined_to_the_brokers_address(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path)
    files = Certificate(tmp_path / "own.pem", tmp_path / "own.key")
    authority.for_client(files, "service.intake")
    given = {
        **GOOD,
        "MIRIAM_AMQP_URL": "amqps://service.intake@broker.example/miriam",
        "MIRIAM_AMQP_CA_FILE": str(authority.file),
        "MIRIAM_AMQP_CERTIFICATE_FILE": str(files.certificate),
        "MIRIAM_AMQP_KEY_FILE": str(files.key),
    }
    told, user = broker_address.parameters(config.read(given).amqp_url)
    assert (user, told.host, told.port, told.virtual_host) == ("service.intake", "broker.example", 5671, "miriam")
    assert isinstance(told.credentials, ExternalCredentials)
    assert told.ssl_options is not None
    assert told.ssl_options.context.check_hostname


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"MIRIAM_AMQP_CERTIFICATE_FILE": "/own.pem"}, "MIRIAM_AMQP_KEY_FILE: both"),
        ({"MIRIAM_AMQP_CA_FILE": "/nowhere/ca.pem"}, "amqps://"),
        ({"MIRIAM_AMQP_CA_FILE": "/nowhere/ca.pem", "MIRIAM_AMQP_URL": "amqps://a:secret@b/m"}, "/nowhere/ca.pem"),
        ({"MIRIAM_AMQP_URL": "amqps://service.intake@b/m"}, "no password"),
        ({"MIRIAM_AMQP_URL": "amqps://b/m"}, "no user"),
        ({"MIRIAM_AMQP_URL": "amqp://a:secret@b:port/m"}, "no address"),
    ],
)
def test_tls_that_cannot_be_spoken_is_told_at_the_start(changed: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        config.read({**GOOD, **changed})
    assert "secret" not in str(caught.value)


def test_a_key_that_is_missing_is_asked_for_by_name() -> None:
    read = config.read({})
    with pytest.raises(ConfigurationError, match="MIRIAM_KEYS_DIR"):
        config.need(read, "keys_dir")


def test_the_door_is_told_its_rate_and_whether_the_way_to_it_is_encrypted() -> None:
    unset = config.read({})
    assert (unset.door_encrypted, unset.door_events_per_second) == (False, 1000)
    told = config.read({"MIRIAM_DOOR_ENCRYPTED": "1", "MIRIAM_DOOR_EVENTS_PER_SECOND": "0"})
    assert (told.door_encrypted, told.door_events_per_second) == (True, 0)


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "", "9" * 20])
def test_a_rate_that_is_none_is_an_error(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"MIRIAM_DOOR_EVENTS_PER_SECOND: a whole number, 0 or more"):
        config.read({"MIRIAM_DOOR_EVENTS_PER_SECOND": value})
