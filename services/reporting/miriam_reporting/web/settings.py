"""What the pages are told by their environment, besides what reporting is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from miriam_platform.config import Config, ConfigurationError
from miriam_reporting.config import owner_urls

_SHORTEST_SECRET = 32
_OIDC = ("MIRIAM_OIDC_ISSUER", "MIRIAM_OIDC_CLIENT_ID", "MIRIAM_OIDC_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider. Its ID tokens name the role, and the CPAS, in claims: see `sign_in/README.md`."""

    issuer: str
    client_id: str
    client_secret: str
    role_claim: str = "miriam_role"
    cpas_claim: str = "miriam_cpas"
    # Where issuers use plain http: on this machine, for tests and trials.
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of the pages' process.

    database_url  MIRIAM_DATABASE_URL   reporting's database, as its application role
    address       MIRIAM_PAGES_ADDRESS  host:port to listen on
    url           MIRIAM_PAGES_URL      where browsers find the pages; https makes cookies secure (default: the address)
    secret        MIRIAM_PAGES_SECRET   signs cookies; 32 characters or more
    proxy         MIRIAM_PAGES_PROXY    the address of the proxy before the pages, whose X-Forwarded-For is believed;
                                        *: whoever asks, where nobody but the proxy can
    keys_dir      MIRIAM_KEYS_DIR       the log's public keys
    owners        MIRIAM_OWNER_URLS     where the recording services answer, for operators
    token         MIRIAM_SERVICE_TOKEN  what they are shown
    broker        MIRIAM_AMQP_URL       the broker, whose queues operators are told; where unset they are told of none
    provider      MIRIAM_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET, _ROLE_CLAIM, _CPAS_CLAIM: the first three, or none
    per_minute    MIRIAM_PAGES_PER_MINUTE  requests of one reader in a minute (600 where unset; 0: any number)
    """

    database_url: str
    address: str
    url: str
    secret: str
    proxy: str = ""
    keys_dir: Path = Path()
    owners: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    broker: str = ""
    provider: Provider | None = None
    per_minute: int = 600

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self.url.startswith("https://")


def of_environment(config: Config, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises ConfigurationError for the first key that breaks its rule."""
    given = os.environ if environment is None else environment
    address = given.get("MIRIAM_PAGES_ADDRESS", "")
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit() and int(port) < 65536):
        raise ConfigurationError("MIRIAM_PAGES_ADDRESS: host:port, such as 127.0.0.1:8000")
    url = given.get("MIRIAM_PAGES_URL", f"http://{address}").rstrip("/")
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError("MIRIAM_PAGES_URL: a URL that begins with https:// or http://")
    secret = given.get("MIRIAM_PAGES_SECRET", "")
    if len(secret) < _SHORTEST_SECRET:
        raise ConfigurationError(f"MIRIAM_PAGES_SECRET: {_SHORTEST_SECRET} characters or more")
    rate = given.get("MIRIAM_PAGES_PER_MINUTE", "600")
    if not (rate.isascii() and rate.isdigit() and len(rate) < 10):
        raise ConfigurationError("MIRIAM_PAGES_PER_MINUTE: a whole number, 0 or more")
    return Settings(
        database_url=config.database_url,
        address=address,
        url=url,
        secret=secret,
        proxy=given.get("MIRIAM_PAGES_PROXY", ""),
        keys_dir=config.keys_dir,
        owners=owner_urls(given),
        token=config.service_token,
        broker=config.amqp_url,
        provider=_provider(given),
        per_minute=int(rate),
    )


def _provider(given: Mapping[str, str]) -> Provider | None:
    issuer, client, secret = (given.get(key, "") for key in _OIDC)
    if not (issuer or client or secret):
        return None
    if not (issuer and client and secret):
        raise ConfigurationError(f"{', '.join(_OIDC)}: all of them, or none")
    insecure = given.get("MIRIAM_OIDC_INSECURE", "") == "1"
    if urlsplit(issuer).scheme != "https" and not insecure:
        raise ConfigurationError("MIRIAM_OIDC_ISSUER: a URL that begins with https:// (MIRIAM_OIDC_INSECURE=1: http)")
    return Provider(
        issuer.rstrip("/"),
        client,
        secret,
        given.get("MIRIAM_OIDC_ROLE_CLAIM", "miriam_role"),
        given.get("MIRIAM_OIDC_CPAS_CLAIM", "miriam_cpas"),
        insecure,
    )
