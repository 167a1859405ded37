"""Addresses of servers, built and taken apart in one place, with every part escaped."""

from __future__ import annotations

from urllib.parse import quote


def postgres_url(user: str, password: str, host: str, port: int, database: str) -> str:
    """A libpq address."""
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(database, safe='')}"


def amqp_url(user: str, password: str | None, host: str, port: int, vhost: str, scheme: str = "amqp") -> str:
    """An AMQP 0-9-1 address; the vhost `/` is written `%2F`. Without a password the user logs in by certificate."""
    secret = "" if password is None else f":{quote(password, safe='')}"
    return f"{scheme}://{quote(user, safe='')}{secret}@{host}:{port}/{quote(vhost, safe='')}"
