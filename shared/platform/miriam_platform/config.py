"""What a process is told by its environment: one key a line, each with its meaning and its rule.

Configuration is read once, at the start, and whole: a service that would fail an hour later for a missing key fails
now, with the key and the rule in one sentence.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from miriam_platform import broker_address

LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigurationError(Exception):
    """A key of the environment is missing or breaks its rule. The message names both, never a secret's value."""


@dataclass(frozen=True, slots=True)
class Config:
    """The environment of a recording service's process.

    database_url    MIRIAM_DATABASE_URL   the service's own database, as its application role
    migration_url   MIRIAM_MIGRATION_URL  the same database, as its owner (needed by `migrate` alone)
    amqp_url        MIRIAM_AMQP_URL       the broker, with the user service.<name>; amqps:// over TLS. Joined to it:
                    MIRIAM_AMQP_CA_FILE, by which the broker's certificate is believed (PEM; the system's where unset),
                    MIRIAM_AMQP_CERTIFICATE_FILE and MIRIAM_AMQP_KEY_FILE, which log in where there is no password
    http_address    MIRIAM_HTTP_ADDRESS   host:port to listen on
    keys_dir        MIRIAM_KEYS_DIR       folder of the service's key files
    service_token   MIRIAM_SERVICE_TOKEN  bearer token between services, for GET /v1/events; 16 characters or more
    log_level       MIRIAM_LOG_LEVEL      debug, info, warning or error (info where unset)
    reporting_url   MIRIAM_REPORTING_URL  reporting's address, whose ledger a restored service is brought up to
    restored        MIRIAM_RESTORED       1: the database was restored; do not open before the ledger was asked
    door_encrypted  MIRIAM_DOOR_ENCRYPTED 1: what comes over HTTP came encrypted (TLS ends at a proxy before this
                                          process, or the address is loopback), so a personal block may stand open
    door_events_per_second  MIRIAM_DOOR_EVENTS_PER_SECOND  events that one emitter may post, a second and process, in
                                          the long run; ten times that at once; 0: any number (1000 where unset)
    """

    database_url: str
    migration_url: str
    amqp_url: str
    http_address: str
    keys_dir: Path
    service_token: str
    log_level: str
    reporting_url: str = ""
    restored: bool = False
    door_encrypted: bool = False
    door_events_per_second: int = 1000


def read(environment: Mapping[str, str] | None = None) -> Config:
    """The configuration of this process. Raises ConfigurationError for the first key that breaks its rule.

    A key that one command does not need may be missing there; `need` asks for it where it is used.
    """
    given = os.environ if environment is None else environment
    level = given.get("MIRIAM_LOG_LEVEL", "info")
    if level not in LOG_LEVELS:
        raise ConfigurationError(f"MIRIAM_LOG_LEVEL: one of {', '.join(LOG_LEVELS)}")
    config = Config(
        database_url=_url(given, "MIRIAM_DATABASE_URL", ("postgresql", "postgres")),
        migration_url=_url(given, "MIRIAM_MIGRATION_URL", ("postgresql", "postgres")),
        amqp_url=_broker(given),
        http_address=given.get("MIRIAM_HTTP_ADDRESS", ""),
        keys_dir=Path(given.get("MIRIAM_KEYS_DIR", "")),
        service_token=given.get("MIRIAM_SERVICE_TOKEN", ""),
        log_level=level,
        reporting_url=_url(given, "MIRIAM_REPORTING_URL", ("http", "https")),
        restored=given.get("MIRIAM_RESTORED", "") == "1",
        door_encrypted=given.get("MIRIAM_DOOR_ENCRYPTED", "") == "1",
        door_events_per_second=_number(given, "MIRIAM_DOOR_EVENTS_PER_SECOND", 1000),
    )
    host, _, port = config.http_address.rpartition(":")
    if config.http_address and not (host and port.isdigit() and int(port) < 65536):
        raise ConfigurationError("MIRIAM_HTTP_ADDRESS: host:port, such as 127.0.0.1:8000")
    if config.service_token and len(config.service_token) < 16:
        raise ConfigurationError("MIRIAM_SERVICE_TOKEN: 16 characters or more")
    return config


def need(config: Config, *names: str) -> None:
    """Raise ConfigurationError where one of the named fields of `config` was not set."""
    for name in names:
        if str(getattr(config, name)) in ("", "."):
            raise ConfigurationError(f"MIRIAM_{name.upper()}: must be set for this command")


def _broker(given: Mapping[str, str]) -> str:
    url = _url(given, "MIRIAM_AMQP_URL", ("amqp", "amqps"))
    keys = ("MIRIAM_AMQP_CA_FILE", "MIRIAM_AMQP_CERTIFICATE_FILE", "MIRIAM_AMQP_KEY_FILE")
    ca_file, certificate, key = (given.get(each, "") for each in keys)
    if bool(certificate) != bool(key):
        raise ConfigurationError(f"{keys[1]} and {keys[2]}: both, or neither")
    whole = broker_address.with_files(url, ca_file, certificate, key) if url else ""
    try:
        if whole:
            broker_address.parameters(whole)
    except (broker_address.Unusable, ValueError) as problem:
        told = problem if isinstance(problem, broker_address.Unusable) else "no address of a broker"
        raise ConfigurationError(f"MIRIAM_AMQP_URL: {told}") from None
    return whole


def _url(given: Mapping[str, str], key: str, schemes: tuple[str, ...]) -> str:
    value = given.get(key, "")
    if value and urlsplit(value).scheme not in schemes:
        raise ConfigurationError(f"{key}: a URL that begins with {' or '.join(s + '://' for s in schemes)}")
    return value


def _number(given: Mapping[str, str], key: str, default: int) -> int:
    value = given.get(key, str(default))
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ConfigurationError(f"{key}: a whole number, 0 or more")
    return int(value)
