"""What the front is told by its environment; read once and whole, so that a missing key fails at the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from miriam_contracts.catalogue import RECORDING_SERVICES

LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """A key of the environment is missing or breaks its rule; the message names both."""


@dataclass(frozen=True)
class Settings:
    """The front's environment.

    address    MIRIAM_HTTP_ADDRESS     host:port to listen on
    owners     MIRIAM_OWNER_URLS       intake=http://..,sessions=http://..,groups=http://..
    threads    MIRIAM_FRONT_THREADS    requests that are answered side by side (16); the rest waits in line
    seconds    MIRIAM_FRONT_SECONDS    longest wait for a service's answer (60)
    log_level  MIRIAM_LOG_LEVEL        debug, info, warning or error (info)
    """

    address: str
    owners: Mapping[str, str]
    threads: int = 16
    seconds: int = 60
    log_level: str = "info"

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process.

        Raises:
            SettingsError: the first key that breaks its rule.
        """
        given = os.environ if environment is None else environment
        level = given.get("MIRIAM_LOG_LEVEL", "info")
        if level not in LOG_LEVELS:
            raise SettingsError(f"MIRIAM_LOG_LEVEL: one of {', '.join(LOG_LEVELS)}")
        return cls(
            host_and_port("MIRIAM_HTTP_ADDRESS", given.get("MIRIAM_HTTP_ADDRESS", "")),
            _owners(given.get("MIRIAM_OWNER_URLS", "")),
            number(given, "MIRIAM_FRONT_THREADS", 16, 1, 256),
            number(given, "MIRIAM_FRONT_SECONDS", 60, 1, 600),
            level,
        )


def host_and_port(key: str, value: str) -> str:
    """The value, where it is host:port.

    Raises:
        SettingsError: it is not.
    """
    host, _, port = value.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SettingsError(f"{key}: host:port, such as 127.0.0.1:8000")
    return value


def number(given: Mapping[str, str], key: str, default: int, least: int, most: int) -> int:
    """The whole number under a key of the environment.

    Raises:
        SettingsError: it is none, or out of bounds.
    """
    text = given.get(key) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise SettingsError(f"{key}: a number from {least} to {most}")
    return int(text)


def _owners(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(",") if part)
    found = {name.strip(): url.strip().rstrip("/") for name, _, url in pairs}
    addressed = all(urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname for url in found.values())
    if set(found) != set(RECORDING_SERVICES) or not addressed:
        example = ",".join(f"{name}=http://{name}" for name in RECORDING_SERVICES)
        raise SettingsError(f"MIRIAM_OWNER_URLS: an address for each recording service, such as {example}")
    return {name: found[name] for name in RECORDING_SERVICES}
