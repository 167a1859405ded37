"""nginx with the configuration that the front prints: TLS, limits and problems of its own, and all else untouched."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from front_process import BATCH, FrontProcess, Service, recording
from nginx_process import NginxProcess, nginx
from werkzeug.wrappers import Request, Response

from miriam_local.certificates import Certificate, CertificateAuthority
from miriam_local.processes import wait_until

MIXED = [
    {"id": "a", "type": "miriam.session.held.v1"},
    {"id": "b", "type": "miriam.participation.enrolled.v1"},
    {"id": "c", "type": "miriam.group.formed.v1"},
]
BODY = json.dumps(MIXED).encode()
MEBIBYTE = 1024 * 1024
DEAD = "127.0.0.1:9"


@pytest.fixture(scope="module")
def proxy(server_folder: Path, _running: tuple[FrontProcess, dict[str, Service]]) -> Iterator[NginxProcess]:
    with nginx(server_folder / "nginx", at(_running[0]), MIRIAM_NGINX_REQUESTS="1000") as found:
        yield found


@contextmanager
def hanging_up() -> Iterator[str]:
    """A front that takes a request and dies over it: where it is."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connection.recv(65_536)
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def at(door: FrontProcess) -> str:
    return door.url.removeprefix("http://")


def post(proxy: NginxProcess, body: bytes = BODY, **more: Any) -> Any:
    return proxy.ask("/v1/events", body, {"Content-Type": BATCH, **more.pop("headers", {})}, **more)


def test_a_batch_through_tls_is_answered_as_by_the_front(proxy: NginxProcess, door: FrontProcess) -> None:
    answer = post(proxy)
    assert (answer.status, [each["id"] for each in answer.json["receipts"]]) == (200, ["a", "b", "c"])
    assert answer.body == door.ask("/v1/events", BODY, {"Content-Type": BATCH}).body
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Server"] == "nginx"  # and no version


def test_what_is_older_than_tls_1_2_is_not_spoken(proxy: NginxProcess, door: FrontProcess) -> None:
    for version, spoken in (
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ):
        context = proxy.trusting()
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as plain:
            if spoken:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted:
                    assert encrypted.version() == version.name.replace("_", ".")
            else:
                with pytest.raises(ssl.SSLError, match=r"(?i)alert.protocol.version"):
                    context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_too_large_a_body_is_a_problem_and_never_reaches_the_front(
    proxy: NginxProcess, services: dict[str, Service], door: FrontProcess
) -> None:
    before = len(door.log.read_text("utf-8").splitlines())
    plain = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
    with proxy.trusting().wrap_socket(plain, server_hostname="127.0.0.1") as encrypted:
        encrypted.sendall(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAccept-Language: nl-BE\r\n"
            b"Content-Length: %d\r\nContent-Type: %s\r\n\r\n" % (9 * MEBIBYTE, BATCH.encode())
        )
        head, _, body = encrypted.recv(65_536).partition(b"\r\n\r\n")
    told = json.loads(body)
    assert head.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in head
    assert (told["status"], told["code"], told["allowed"]) == (413, "too_large", f"..{8 * MEBIBYTE}")
    assert told["title"].startswith("Het verzoek is te groot")
    assert len(door.log.read_text("utf-8").splitlines()) == before
    # What is just small enough passes.
    assert post(proxy, BODY + b" " * (8 * MEBIBYTE - len(BODY))).status == 200


def test_a_body_on_its_way_is_in_memory_and_never_on_a_disk(proxy: NginxProcess) -> None:
    """Where a block may stand open; half of a body is sent, more than the buffers hold."""
    context = proxy.trusting()
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: {BATCH}\r\nContent-Length: {2 * MEBIBYTE}\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", proxy.port), 10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as sending,
    ):
        sending.sendall(head.encode() + b" " * MEBIBYTE)
        assert wait_until(lambda: bool(held_open(proxy)), 10)
        bodies = f"/dev/shm/miriam-nginx-{proxy.port}/"
        assert {name.startswith(bodies) for name in held_open(proxy)} == {True}


def held_open(proxy: NginxProcess) -> list[str]:
    """Files with bodies that nginx's workers hold open, deleted ones too."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == proxy.pid:
                found += [str(each.readlink()) for each in (folder / "fd").iterdir()]
    return [name for name in found if re.search(r"/[0-9]{10}( \(deleted\))?$", name)]


@pytest.mark.parametrize("path", ["/", "/v1/events/", "/v1/events/differing", "/v1/erasures", "/v1/receipts2"])
def test_only_the_public_paths_are_passed_on(proxy: NginxProcess, services: dict[str, Service], path: str) -> None:
    answer = proxy.ask(path, None, {"Accept-Language": "de"})
    assert (answer.status, answer.json["code"], answer.json["title"]) == (
        404,
        "not_found",
        "Hier ist nichts zu finden.",
    )
    assert not any(service.asked for service in services.values())


def test_a_problem_of_the_front_or_of_a_service_passes_untouched(
    proxy: NginxProcess, door: FrontProcess, services: dict[str, Service]
) -> None:
    answer = proxy.ask("/v1/events", BODY, {"Content-Type": "text/plain", "Accept-Language": "fr"})
    assert (answer.status, answer.json["code"]) == (415, "media_type")
    told = json.dumps({"code": "too_many", "status": 429, "title": "Trop"})
    services["sessions"].answer = lambda _: Response(
        told, 429, {"Retry-After": "7"}, content_type="application/problem+json"
    )
    answer = post(proxy)
    assert (answer.status, answer.json["title"], answer.headers.get_all("Retry-After")) == (429, "Trop", ["7"])
    assert [each["id"] for each in answer.json["receipts"]] == ["b", "c"]
    answer = proxy.ask("/v1/receipts", None, {"Authorization": ""})
    assert (answer.status, answer.headers.get_all("WWW-Authenticate")) == (401, ["Bearer"])


def test_who_speaks_no_tls_is_told_to(proxy: NginxProcess) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = plain.recv(65_536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["allowed"] == "https"


def test_the_log_holds_no_argument_no_token_and_no_id(proxy: NginxProcess, door: FrontProcess) -> None:
    secret = {"Authorization": "Bearer mrm_0123456789ab_" + "s3cret" * 7 + "x"}
    proxy.ask("/v1/receipts?after=quite-secret", None, secret)
    proxy.ask("/v1/receipts/her-name", None, secret)
    proxy.ask("/quite-secret", None, secret)

    def written() -> list[str]:
        return [json.loads(line)["route"] for line in proxy.log.splitlines()][-3:]

    assert wait_until(lambda: written() == ["/v1/receipts", "/v1/receipts/<id>", "other"], 10)
    said = (proxy.folder / "said").read_text("utf-8")
    assert not any(each in proxy.log + said for each in ("s3cret", "quite-secret", "her-name", "mrm_"))


def test_too_many_requests_of_one_address_are_held_off(server_folder: Path, door: FrontProcess) -> None:
    with nginx(server_folder / "nginx-requests", at(door), MIRIAM_NGINX_REQUESTS="1") as proxy:
        answers = [proxy.ask("/healthz") for _ in range(12)]
        refused = [answer for answer in answers if answer.status == 429]
        # A burst of four passes, and one a second.
        assert [answer.status for answer in answers[:5]] == [200] * 5
        assert len(refused) >= 4
        assert {(each.json["code"], each.headers["Retry-After"]) for each in refused} == {("too_many", "1")}


def test_too_many_connections_of_one_address_are_held_off(
    server_folder: Path, door: FrontProcess, services: dict[str, Service]
) -> None:
    def slowly(request: Request) -> Response:
        time.sleep(1.5)
        return recording(request)

    services["sessions"].answer = slowly
    with nginx(server_folder / "nginx-connections", at(door), MIRIAM_NGINX_CONNECTIONS="1") as proxy:
        answers: list[int] = []
        first = threading.Thread(target=lambda: answers.append(post(proxy).status))
        first.start()
        assert wait_until(lambda: bool(services["sessions"].asked), 10, 0.02)
        assert post(proxy).status == 429
        first.join(20)
        assert answers == [200]


def test_a_front_that_is_away_or_dies_over_a_batch_is_passed_over(server_folder: Path, door: FrontProcess) -> None:
    with hanging_up() as dying, nginx(server_folder / "nginx-two", f"{DEAD},{dying},{at(door)}") as proxy:
        assert [post(proxy).status for _ in range(6)] == [200] * 6


def test_where_no_front_answers_it_is_said_when_to_come_back(server_folder: Path) -> None:
    with nginx(server_folder / "nginx-dead", DEAD) as proxy:
        answer = post(proxy, headers={"Accept-Language": "fr"})
        assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "2")
        assert "renvoyez" in answer.json["title"]
        # A line of the error log would quote the request.
        proxy.ask("/v1/receipts?after=quite-secret")
        assert wait_until(lambda: len(proxy.log.splitlines()) == 2, 10)
        assert "quite-secret" not in (proxy.folder / "said").read_text("utf-8")


def test_where_client_certificates_are_wanted_nobody_comes_in_without(server_folder: Path, door: FrontProcess) -> None:
    with nginx(server_folder / "nginx-clients", at(door), clients=True) as proxy:
        good = Certificate(proxy.folder / "good.pem", proxy.folder / "good.key")
        proxy.authority.for_client(good, "cpas.anderlecht")
        foreign = Certificate(proxy.folder / "foreign.pem", proxy.folder / "foreign.key")
        CertificateAuthority(proxy.folder / "another").for_client(foreign, "cpas.anderlecht")
        assert post(proxy, client=good).status == 200
        for client in (None, foreign):
            answer = post(proxy, client=client)
            assert (answer.status, answer.json["code"]) == (401, "unauthorized")
            assert "certificate" in answer.json["detail"]
