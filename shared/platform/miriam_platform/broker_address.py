"""How the broker is reached: an address, and in its query the files of TLS, as RabbitMQ's own clients write them.

`amqps://service.intake:secret@broker/miriam?cacertfile=/etc/miriam/ca.pem`. Without a password the certificate
(`certfile`, `keyfile`) says who we are; the user is named all the same, for messages carry its name.
"""

import ssl
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pika

FILES = ("cacertfile", "certfile", "keyfile")


class Unusable(Exception):
    """The address, or a file that it names, cannot be used. The message tells no secret."""


def with_files(url: str, ca_file: str, certificate_file: str, key_file: str) -> str:
    """The address with those of the files that are named."""
    named = {name: path for name, path in zip(FILES, (ca_file, certificate_file, key_file), strict=True) if path}
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(named)}" if named else url


def parameters(url: str) -> tuple[pika.connection.Parameters, str]:
    """What pika is told, and the user whose name our messages carry. Raises Unusable."""
    address = urlsplit(url)
    query = dict(parse_qsl(address.query))
    files = {name: query.pop(name) for name in FILES if name in query}
    external = address.password is None and "certfile" in files
    if not address.username:
        raise Unusable("the address names no user")
    if address.password is None and not external:
        raise Unusable("the address holds no password, and no certificate is named")
    netloc = address.netloc.rpartition("@")[2] if external else address.netloc
    found = pika.URLParameters(address._replace(netloc=netloc, query=urlencode(query)).geturl())
    if found.ssl_options is not None:
        found.ssl_options = pika.SSLOptions(_context(files), found.host)
    elif files:
        raise Unusable("TLS needs an address that begins with amqps://")
    if external:
        found.credentials = pika.credentials.ExternalCredentials()
        return found, unquote(address.username)
    return found, str(found.credentials.username)


def _context(files: dict[str, str]) -> ssl.SSLContext:
    """The server's certificate and name are checked; ours is shown where there is one."""
    try:
        made = ssl.create_default_context(cafile=files.get("cacertfile"))
        if "certfile" in files:
            # An empty passphrase, or OpenSSL would ask for one at the terminal.
            made.load_cert_chain(files["certfile"], files.get("keyfile"), password="")
    except (OSError, ValueError) as problem:
        told = problem.strerror if isinstance(problem, OSError) else None
        named = ", ".join(files.values())
        raise Unusable(f"one of {named} cannot be used: {told or type(problem).__name__}") from None
    return made
