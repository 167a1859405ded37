"""Over TLS the emitter believes one authority's broker alone, and shows who it is by its certificate."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pika
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker

from miriam_emitter import Emitter, NotConfigured, Settings, Unreachable
from miriam_local.broker import Broker
from miriam_local.certificates import Certificate, CertificateAuthority
from miriam_local.emitters import Emitter as Admitted
from miriam_local.rabbitmq import PrivateRabbitMQ

Events = Callable[..., list[dict[str, Any]]]
CPAS = ("anderlecht", "schaerbeek")
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def node(server_folder: Path) -> Iterator[PrivateRabbitMQ]:
    """A broker that speaks TLS alone; its emitters have no password."""
    with PrivateRabbitMQ.throw_away(server_folder / "rabbitmq-tls", tls=True).running() as node:
        broker = Broker(node.api, "miriam")
        broker.declare(dict.fromkeys(("intake", "sessions", "groups", "reporting"), "service"))
        broker.admit({Admitted(name): None for name in CPAS})
        yield node


@dataclass
class Papers:
    """Certificates for a test's emitters, good ones and others."""

    folder: Path

    def of(self, authority: CertificateAuthority, user: str, life: dt.timedelta = DAY) -> Certificate:
        """A certificate whose common name is `user`."""
        files = Certificate(self.folder / f"{user}.pem", self.folder / f"{user}.key")
        key, certificate = authority.sign(user, ExtendedKeyUsageOID.CLIENT_AUTH, life)
        files.key.write_bytes(key)
        files.certificate.write_bytes(certificate)
        return files


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path)


@pytest.fixture
def settings(node: PrivateRabbitMQ, papers: Papers, keys: Any, tmp_path: Path) -> Settings:
    """What anderlecht is told."""
    own = papers.of(node.authority, "cpas.anderlecht")
    told = {
        "id": "anderlecht",
        "kind": "cpas",
        "amqp_url": f"amqps://cpas.anderlecht@127.0.0.1:{node.ports.amqp}/miriam",
        "keys_dir": str(keys.folder),
        "ca_file": str(node.authority.file),
        # Relative to the file that holds them.
        "certificate_file": own.certificate.name,
        "key_file": own.key.name,
    }
    return Settings.of(told, tmp_path / "anderlecht.spool", tmp_path)


def shown(settings: Settings, files: Certificate) -> Settings:
    return replace(settings, certificate_file=files.certificate, key_file=files.key)


def trouble(settings: Settings, events: list[dict[str, Any]], patience: float = 2) -> str:
    """Why an emitter does not get through."""
    with Emitter(settings) as emitter:
        emitter.put(events)
        with pytest.raises(Unreachable) as caught:
            emitter.run(patience=patience)
        assert emitter.spool.count_waiting() == len(events)
    return str(caught.value)


def troubles(settings: Settings, events: list[dict[str, Any]], words: str) -> str:
    """The same, until these words are among it: a server that refuses us says why and closes, and where our next bytes
    find it closed before its words are read, they are lost. Who tries again, as an emitter does, is told.
    """
    told = ""
    with Emitter(settings) as emitter:
        emitter.put(events)
        for _ in range(10):
            with pytest.raises(Unreachable) as caught:
                emitter.run(patience=1)
            told += f"{caught.value}\n"
            if words in told:
                break
    return told


def by_certificate(node: PrivateRabbitMQ, files: Certificate) -> pika.ConnectionParameters:
    context = ssl.create_default_context(cafile=node.authority.file)
    context.load_cert_chain(files.certificate, files.key)
    external = pika.credentials.ExternalCredentials()
    return pika.ConnectionParameters(
        "127.0.0.1", node.ports.amqp, "miriam", external, ssl_options=pika.SSLOptions(context, "127.0.0.1")
    )


def test_an_emitter_logs_in_by_its_certificate_and_is_answered(
    node: PrivateRabbitMQ, settings: Settings, sessions: Events, answering: Callable[..., Any]
) -> None:
    answering(f"{node.url('miriam', 'service.sessions', 'service')}?cacertfile={node.authority.file}")
    with Emitter(settings) as emitter:
        emitter.put(sessions(500))
        assert emitter.run(patience=30).total.recorded == 500
    (known,) = [each for each in node.api.get("users") if each["name"] == "cpas.anderlecht"]
    assert known["password_hash"] == ""


def test_without_tls_nobody_gets_in(node: PrivateRabbitMQ, settings: Settings, sessions: Events) -> None:
    plain = settings.amqp_url.replace("amqps://cpas.anderlecht@", "amqp://cpas.anderlecht:word@")
    assert "no receipt" in trouble(replace(settings, amqp_url=plain), sessions(1))
    unsafe = replace(settings, amqp_url=settings.amqp_url.replace("amqps", "amqp"))
    with Emitter(unsafe) as emitter, pytest.raises(NotConfigured, match="amqps"):
        emitter.run(patience=1)


def test_an_emitter_without_password_is_let_in_by_none(node: PrivateRabbitMQ, settings: Settings) -> None:
    context = ssl.create_default_context(cafile=node.authority.file)
    for word in ("", "anything"):
        plain = pika.PlainCredentials(settings.user, word)
        with pytest.raises(AMQPConnectionError):
            pika.BlockingConnection(replace_credentials(node, context, plain))


def replace_credentials(
    node: PrivateRabbitMQ, context: ssl.SSLContext, credentials: pika.PlainCredentials
) -> pika.ConnectionParameters:
    options = pika.SSLOptions(context, "127.0.0.1")
    return pika.ConnectionParameters("127.0.0.1", node.ports.amqp, "miriam", credentials, ssl_options=options)


def test_a_broker_of_another_authority_is_not_believed(settings: Settings, sessions: Events, tmp_path: Path) -> None:
    other = CertificateAuthority(tmp_path / "other")
    other.make_missing()
    told = trouble(replace(settings, ca_file=other.file), sessions(1))
    assert "the server's certificate is not believed" in told
    assert "ca_file" in told


def test_a_broker_under_another_name_is_not_believed(
    node: PrivateRabbitMQ, settings: Settings, sessions: Events, tmp_path: Path
) -> None:
    elsewhere = Certificate(tmp_path / "elsewhere.pem", tmp_path / "elsewhere.key")
    node.authority.for_server(elsewhere, ["elsewhere.example"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(elsewhere.certificate, elsewhere.key)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    accepted, _ = listening.accept()
                except OSError:
                    return
                with accepted:
                    try:
                        context.wrap_socket(accepted, server_side=True).close()
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        port = listening.getsockname()[1]
        there = settings.amqp_url.replace(str(node.ports.amqp), str(port))
        told = trouble(replace(settings, amqp_url=there), sessions(1))
    assert "mismatch" in told


def test_a_certificate_that_has_ended_is_refused_in_clear_words(
    node: PrivateRabbitMQ, settings: Settings, papers: Papers, sessions: Events
) -> None:
    ended = shown(settings, papers.of(node.authority, settings.user, -DAY))
    words = "our certificate has ended"
    assert words in troubles(ended, sessions(1), words)


@pytest.mark.parametrize("name", ["Another", "Miriam, this deployment"])
def test_a_certificate_of_another_authority_is_refused_in_clear_words(
    settings: Settings, papers: Papers, sessions: Events, tmp_path: Path, name: str
) -> None:
    forged = papers.of(CertificateAuthority(tmp_path / "other", name), settings.user)
    words = "not made by whom the server believes"
    assert words in troubles(shown(settings, forged), sessions(1), words)


def test_a_certificate_of_nobody_known_is_refused(
    node: PrivateRabbitMQ, settings: Settings, papers: Papers, keys: Any, sessions: Events, tmp_path: Path
) -> None:
    unknown = papers.of(node.authority, "cpas.seraing")
    url = settings.amqp_url.replace("anderlecht", "seraing")
    told = trouble(
        Settings("seraing", "cpas", url, keys.folder, tmp_path / "s.spool", ca_file=settings.ca_file,
                 certificate_file=unknown.certificate, key_file=unknown.key),
        sessions(1, emitter="seraing"),
    )  # fmt: skip
    assert "auth" in told.lower()


def test_the_certificate_of_another_cpas_is_named_before_anything_is_sent(
    node: PrivateRabbitMQ, settings: Settings, papers: Papers, sessions: Events
) -> None:
    with Emitter(shown(settings, papers.of(node.authority, "cpas.schaerbeek"))) as emitter:
        emitter.put(sessions(1))
        with pytest.raises(NotConfigured, match=r"is that of cpas\.schaerbeek, not of cpas\.anderlecht"):
            emitter.run(patience=1)


@pytest.mark.parametrize(
    ("user", "key"), [("cpas.anderlecht", "schaerbeek.session.held"), ("cpas.schaerbeek", "anderlecht.session.held")]
)
def test_the_broker_lets_nobody_speak_for_another_than_the_certificate_names(
    node: PrivateRabbitMQ, papers: Papers, user: str, key: str
) -> None:
    with closing(pika.BlockingConnection(by_certificate(node, papers.of(node.authority, "cpas.schaerbeek")))) as own:
        channel = own.channel()
        channel.confirm_delivery()
        channel.basic_publish(
            "cpas.inbox", "schaerbeek.session.held", b"{}", pika.BasicProperties(user_id=f"cpas.{CPAS[1]}")
        )
        with pytest.raises(ChannelClosedByBroker) as caught:
            channel.basic_publish("cpas.inbox", key, b"{}", pika.BasicProperties(user_id=user))
    assert caught.value.reply_code in (403, 406)


@pytest.mark.parametrize("member", ["ca_file", "certificate_file", "key_file"])
@pytest.mark.parametrize("content", [None, b"nothing of that kind"])
def test_a_file_that_cannot_be_used_is_named(
    settings: Settings, tmp_path: Path, member: str, content: bytes | None
) -> None:
    wrong = tmp_path / "wrong.pem"
    if content is not None:
        wrong.write_bytes(content)
    changed: dict[str, Any] = {member: wrong}
    with Emitter(replace(settings, **changed)) as emitter, pytest.raises(NotConfigured, match=rf"{member}.*wrong\.pem"):
        emitter.run(patience=1)


def test_a_certificate_goes_with_its_key(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match="go together"):
        replace(settings, key_file=None)
