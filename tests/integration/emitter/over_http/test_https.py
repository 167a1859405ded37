"""Over https the emitter believes the authority that its credentials name, and shows its certificate if it has one."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from miriam_emitter import Emitter, Unreachable
from miriam_local.certificates import Certificate, CertificateAuthority

Events = Callable[..., list[dict[str, Any]]]
NewEmitter = Callable[..., Emitter]
Door = Any


def pair(folder: Path, name: str) -> Certificate:
    return Certificate(folder / f"{name}.pem", folder / f"{name}.key")


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path / "authority")


@pytest.fixture
def door(door: Door, authority: CertificateAuthority, tmp_path: Path) -> Door:
    """The double, with a certificate of the authority; it wants one too."""
    files = pair(tmp_path, "door")
    authority.for_server(files, ["127.0.0.1"])
    door.stop()
    door.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    door.tls.load_cert_chain(files.certificate, files.key)
    door.tls.load_verify_locations(authority.file)
    return door.start()


def test_events_go_to_a_door_whose_certificate_the_authority_made(
    over_http: NewEmitter, door: Door, authority: CertificateAuthority, sessions: Events
) -> None:
    emitter = over_http(ca_file=authority.file)
    emitter.put(sessions(20))
    assert emitter.run(patience=10).total.recorded == 20


def test_a_door_of_another_authority_gets_neither_event_nor_token(
    over_http: NewEmitter, door: Door, tmp_path: Path, sessions: Events
) -> None:
    other = CertificateAuthority(tmp_path / "other")
    other.make_missing()
    emitter = over_http(ca_file=other.file)
    emitter.put(sessions(1))
    with pytest.raises(Unreachable, match=r"the server's certificate is not believed.*see ca_file"):
        emitter.run(patience=1)
    assert not door.asked
    assert not door.polls


def test_a_door_that_wants_a_certificate_is_shown_ours(
    over_http: NewEmitter, door: Door, authority: CertificateAuthority, tmp_path: Path, sessions: Events
) -> None:
    door.tls.verify_mode = ssl.CERT_REQUIRED
    with_none = over_http(ca_file=authority.file, timeout=2)
    with_none.put(sessions(3))
    with pytest.raises(Unreachable, match=r"certificate|TLS"):  # its alert, or the end of the line
        with_none.run(patience=1)
    with_none.close()
    files = pair(tmp_path, "ours")
    authority.for_client(files, "cpas.anderlecht")
    emitter = over_http(ca_file=authority.file, certificate_file=files.certificate, key_file=files.key)
    assert emitter.run(patience=10).total.recorded == 3
