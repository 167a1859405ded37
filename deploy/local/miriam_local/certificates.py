"""A small certificate authority of one deployment: it vouches for the private broker, and for each emitter.

Made for one machine. An operated broker takes its certificates from the authority of whoever operates it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = dt.timedelta(days=397)
AUTHORITY_LIFE = dt.timedelta(days=3650)
# One that ends sooner is made anew.
RENEWED_BEFORE = dt.timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """The files of one certificate and its private key, both PEM, closed to others."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class CertificateAuthority:
    """The authority whose own files lie in `folder`, and its name in what it signs."""

    folder: Path
    name: str = "Miriam, this deployment"

    @property
    def file(self) -> Path:
        """The certificate by which the others are believed."""
        return self.folder / "ca.pem"

    def make_missing(self) -> None:
        """Make the authority's own key and certificate, where there are none."""
        if not self.file.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name(self.name)
            made = _builder(name, name, key, AUTHORITY_LIFE).add_extension(x509.BasicConstraints(True, 0), True)
            _write(self._key, _pem(key))
            _write(self.file, _signed(made, key))

    def for_server(self, into: Certificate, hosts: Sequence[str]) -> bool:
        """A certificate for the host names and addresses; false where one is there that lasts."""
        names = [_host(host) for host in hosts]
        return self._issue(into, hosts[0], ExtendedKeyUsageOID.SERVER_AUTH, x509.SubjectAlternativeName(names))

    def for_client(self, into: Certificate, user: str) -> bool:
        """A certificate whose common name is a user of the broker; false where one is there that lasts."""
        return self._issue(into, user, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def sign(
        self,
        user: str,
        usage: x509.ObjectIdentifier,
        life: dt.timedelta = LIFE,
        names: x509.SubjectAlternativeName | None = None,
    ) -> tuple[bytes, bytes]:
        """A new key and a certificate over it for `life` from now on: both as PEM, the key first."""
        self.make_missing()
        authority = x509.load_pem_x509_certificate(self.file.read_bytes())
        signer = serialization.load_pem_private_key(self._key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_name(user), authority.subject, key, life)
        made = made.add_extension(x509.BasicConstraints(False, None), True)
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), False)
        if names is not None:
            made = made.add_extension(names, False)
        return _pem(key), _signed(made, signer)

    @property
    def _key(self) -> Path:
        return self.folder / "ca.key"

    def _issue(
        self,
        into: Certificate,
        user: str,
        usage: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
    ) -> bool:
        self.make_missing()
        if self._lasts(into):
            return False
        key, certificate = self.sign(user, usage, LIFE, names)
        _write(into.key, key)
        _write(into.certificate, certificate)
        return True

    def _lasts(self, made: Certificate) -> bool:
        if not (made.certificate.exists() and made.key.exists()):
            return False
        found = x509.load_pem_x509_certificate(made.certificate.read_bytes())
        mine = x509.load_pem_x509_certificate(self.file.read_bytes())
        try:
            found.verify_directly_issued_by(mine)
        except (ValueError, TypeError, InvalidSignature):  # of an authority before this one
            return False
        return found.not_valid_after_utc > dt.datetime.now(dt.UTC) + RENEWED_BEFORE


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: dt.timedelta
) -> x509.CertificateBuilder:
    # A little before now: clocks differ.
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + life) - dt.timedelta(hours=1))
        .not_valid_after(now + life)
    )


def _signed(builder: x509.CertificateBuilder, signer: ec.EllipticCurvePrivateKey) -> bytes:
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and closed to others."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_bytes(content)
    beside.replace(path)
