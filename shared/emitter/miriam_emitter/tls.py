"""TLS to the platform's servers: whom we believe, and how we show who we are. For amqps and https alike."""

from __future__ import annotations

import ssl
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from miriam_emitter.errors import NotConfigured
from miriam_emitter.settings import Settings

_AGAIN = "ask the programme authority for the file"
_STRANGE = "our certificate was not made by whom the server believes: ask the programme authority for a new one"
# What servers say of a certificate that they do not accept (RFC 8446, section 6.2), in words that help.
_ALERTS = {
    "CERTIFICATE_EXPIRED": "our certificate has ended, says the server: ask the programme authority for a new one",
    "UNKNOWN_CA": _STRANGE,
    "BAD_CERTIFICATE": _STRANGE,
    "CERTIFICATE_REQUIRED": "the server wants a certificate: name certificate_file and key_file in the credentials",
    "CERTIFICATE_REVOKED": "our certificate was revoked, says the server: ask the programme authority for a new one",
}


def context(settings: Settings) -> ssl.SSLContext:
    """How we speak TLS: the server's certificate and name are checked, ours is shown where we have one.

    Raises:
        NotConfigured: a file cannot be read, holds something else, or is the certificate of another emitter.
    """
    try:
        made = ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ValueError) as problem:
        raise _unreadable("ca_file", settings.ca_file, problem) from None
    certificate, key = settings.certificate_file, settings.key_file
    if certificate is not None and key is not None:
        _see_that_it_is_ours(certificate, settings.user)
        try:
            # An empty passphrase, or OpenSSL would ask for one at the terminal.
            made.load_cert_chain(certificate, key, password="")
        except (OSError, ValueError) as problem:
            raise _unreadable("key_file", key, problem) from None
    return made


def reason(problem: BaseException) -> str | None:
    """Words for what went wrong over TLS between us and a server; None where it was something else."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"the server's certificate is not believed: {problem.verify_message}; see ca_file in the credentials"
    # Libraries hand an alert on as part of a text of theirs.
    told = str(problem)
    for alert, words in _ALERTS.items():
        if f"ALERT_{alert}" in told:
            return words
    return f"TLS: {problem.reason or told}" if isinstance(problem, ssl.SSLError) else None


def _see_that_it_is_ours(certificate: Path, user: str) -> None:
    try:
        names = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    except (OSError, ValueError) as problem:
        raise _unreadable("certificate_file", certificate, problem) from None
    found = [str(name.value) for name in names.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if found != [user]:
        # The broker would let in whom the certificate names, and refuse all that we send as ourselves.
        whose = ", ".join(found) or "nobody"
        raise NotConfigured(f"the certificate {certificate} is that of {whose}, not of {user}", _AGAIN)


def _unreadable(member: str, path: Path | None, problem: Exception) -> NotConfigured:
    told = problem.strerror if isinstance(problem, OSError) else None
    return NotConfigured(f"{member}: {path} cannot be used: {told or type(problem).__name__}", _AGAIN)
