"""What reporting is told by its environment, besides what every service is told."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_platform.config import ConfigurationError

OWNER_URLS = "MIRIAM_OWNER_URLS"


def owner_urls(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """MIRIAM_OWNER_URLS: where each recording service answers, `intake=http://host:port,sessions=...,groups=...`.

    An owner may be missing: then a gap of its events stays open until it is named. Raises ConfigurationError.
    """
    given = os.environ if environment is None else environment
    found: dict[str, str] = {}
    for part in filter(None, given.get(OWNER_URLS, "").split(",")):
        name, _, url = part.strip().partition("=")
        if name not in RECORDING_SERVICES or urlsplit(url).scheme not in ("http", "https"):
            raise ConfigurationError(f"{OWNER_URLS}: {', '.join(RECORDING_SERVICES)}, each as name=http://host:port")
        found[name] = url
    return found
