"""The configuration of the nginx that stands before the front, out of a template and the environment."""

from __future__ import annotations

import json
import os
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from miriam_contracts.batches import MOST_BYTES
from miriam_contracts.http_problems import HttpProblem
from miriam_contracts.problems import LANGUAGES, Problem
from miriam_front.settings import SettingsError, host_and_port, number

# In nginx's quotes a value may hold anything but these.
_PLAIN = re.compile(r"[^\s\"'\\$;{}%#]+")
_NOT_RECEIVED = "send it again: what has no receipt was not recorded, or is a duplicate"


@dataclass(frozen=True)
class Proxy:
    """What the proxy is told by the environment.

    listen       MIRIAM_NGINX_LISTEN       port, or address:port (443)
    name         MIRIAM_NGINX_NAME         its host name (_: any)
    fronts       MIRIAM_NGINX_FRONTS       host:port of each front, with commas between (127.0.0.1:47010)
    certificate  MIRIAM_TLS_CERTIFICATE    PEM file: the certificate, then what signed it
    key          MIRIAM_TLS_KEY            PEM file of its private key
    clients      MIRIAM_TLS_CLIENT_CA      PEM file of who signs the clients' certificates; empty: they need none
    requests     MIRIAM_NGINX_REQUESTS     most requests a second of one address (50), in bursts of four times that
    connections  MIRIAM_NGINX_CONNECTIONS  most connections of one address (32)
    user         MIRIAM_NGINX_USER         as whom its workers run (www-data)
    state        MIRIAM_NGINX_STATE        folder for its log, files and process id; empty: Debian's own places
    bodies       MIRIAM_NGINX_BODIES       folder for bodies on their way, in memory (/dev/shm/miriam-nginx)
    """

    certificate: str
    key: str
    fronts: tuple[str, ...] = ("127.0.0.1:47010",)
    listen: str = "443"
    name: str = "_"
    clients: str = ""
    requests: int = 50
    connections: int = 32
    user: str = "www-data"
    state: str = ""
    bodies: str = "/dev/shm/miriam-nginx"

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] | None = None) -> Proxy:
        """The settings in the environment.

        Raises:
            SettingsError: the first key that breaks its rule.
        """
        given = os.environ if environment is None else environment
        fronts = given.get("MIRIAM_NGINX_FRONTS", "127.0.0.1:47010").split(",")
        return cls(
            _plain(given, "MIRIAM_TLS_CERTIFICATE"),
            _plain(given, "MIRIAM_TLS_KEY"),
            tuple(host_and_port("MIRIAM_NGINX_FRONTS", each.strip()) for each in fronts),
            _plain(given, "MIRIAM_NGINX_LISTEN", "443"),
            _plain(given, "MIRIAM_NGINX_NAME", "_"),
            _plain(given, "MIRIAM_TLS_CLIENT_CA", "") if given.get("MIRIAM_TLS_CLIENT_CA") else "",
            number(given, "MIRIAM_NGINX_REQUESTS", 50, 1, 100_000),
            number(given, "MIRIAM_NGINX_CONNECTIONS", 32, 1, 10_000),
            _plain(given, "MIRIAM_NGINX_USER", "www-data"),
            _plain(given, "MIRIAM_NGINX_STATE", "") if given.get("MIRIAM_NGINX_STATE") else "",
            _plain(given, "MIRIAM_NGINX_BODIES", "/dev/shm/miriam-nginx"),
        )


@dataclass(frozen=True)
class _Own:
    """A problem that nginx answers: for which of its statuses, and what."""

    name: str
    statuses: str
    answer: HttpProblem


_OWN = (
    _Own("malformed", "400 408 414 494", HttpProblem(400, Problem("http_bad_argument", "request", "HTTP/1.1"))),
    _Own("plain", "497", HttpProblem(400, Problem("http_bad_argument", "scheme", "https"))),
    _Own(
        "certificate", "495 496",
        HttpProblem(401, Problem("http_unauthorized"), "a client certificate of this platform's authority is needed"),
    ),
    _Own("not_found", "404", HttpProblem(404, Problem("http_not_found"))),
    _Own("too_large", "413", HttpProblem(413, Problem("http_too_large", allowed=f"..{MOST_BYTES}"))),
    _Own("too_many", "429", HttpProblem(429, Problem("http_too_many"), _NOT_RECEIVED)),
    _Own("unavailable", "500 502 503 504", HttpProblem(503, Problem("http_unavailable"), _NOT_RECEIVED)),
)  # fmt: skip


class _Template(string.Template):
    # nginx's own variables begin with a dollar sign.
    delimiter = "%"


def configuration(proxy: Proxy) -> str:
    """The text of nginx.conf."""
    template = resources.files("miriam_front").joinpath("nginx.conf.template").read_text("utf-8")
    return _Template(template).substitute(
        user=proxy.user,
        places=f'pid "{proxy.state or "/run"}/nginx.pid";',
        temporary=_temporary(proxy),
        access_log=f'"{proxy.state}/access.log"' if proxy.state else "/var/log/nginx/miriam.log",
        requests=proxy.requests,
        burst=4 * proxy.requests,
        connections=proxy.connections,
        bytes=MOST_BYTES,
        # More than the front waits for a service, so that it is the front that says which one was away.
        seconds=75,
        titles="\n".join(_title(own) for own in _OWN),
        fronts="\n".join(f"        server {each} max_fails=1 fail_timeout=5s;" for each in proxy.fronts),
        listen=proxy.listen,
        name=proxy.name,
        certificate=f'"{proxy.certificate}"',
        key=f'"{proxy.key}"',
        clients=_clients(proxy.clients),
        problems="\n".join(_problem(own) for own in _OWN),
    )


def _temporary(proxy: Proxy) -> str:
    """Where nginx lays what is too large for its buffers; it makes all these folders at its start."""
    places = {"client_body": proxy.bodies}
    if proxy.state:
        places |= {kind: f"{proxy.state}/{kind}" for kind in ("proxy", "fastcgi", "uwsgi", "scgi")}
    return "".join(f'    {kind}_temp_path "{place}";\n' for kind, place in places.items())


def _clients(authority: str) -> str:
    if not authority:
        return ""
    return f'        ssl_client_certificate "{authority}";\n        ssl_verify_client on;\n'


def _title(own: _Own) -> str:
    """A map from the language to the sentence, ready to stand in a JSON text in nginx's quotes."""
    lines = [f"    map $language $title_{own.name} {{"]
    for language in LANGUAGES:
        text = json.dumps(own.answer.body(language)["title"], ensure_ascii=False)[1:-1]
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'        {"default" if language == "en" else language} "{quoted}";')
    return "\n".join([*lines, "    }"])


def _problem(own: _Own) -> str:
    """Where nginx goes for an error of its own: to a place that answers with our problem."""
    title = f"$title_{own.name}"
    members = own.answer.body("en") | {"title": title, "detail": own.answer.detail or title}
    body = json.dumps(members).replace("'", "\\'")
    status = own.answer.status
    return (
        f"        error_page {own.statuses} ={status} @{own.name};\n"
        f"        location @{own.name} {{ default_type application/problem+json; return {status} '{body}'; }}"
    )


def _plain(given: Mapping[str, str], key: str, default: str = "") -> str:
    value = given.get(key) or default
    if not _PLAIN.fullmatch(value):
        raise SettingsError(f"{key}: must be set, without blanks, quotes or any of \\ $ ; {{ }} % #")
    return value
