"""Configuration: the key and the rule that it breaks, in one sentence, and never a secret."""

from __future__ import annotations

import pytest

from miriam_platform import config
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


def test_a_key_that_is_missing_is_asked_for_by_name() -> None:
    read = config.read({})
    with pytest.raises(ConfigurationError, match="MIRIAM_KEYS_DIR"):
        config.need(read, "keys_dir")
