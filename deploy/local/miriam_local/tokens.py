"""Tokens of the HTTP door: made here, known by their hash in every recording service's database, told once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from miriam_local.deployment import Deployment
from miriam_local.doors import Doors, doors
from miriam_local.errors import LocalError, ServerFailed

SCOPES = ("emit", "receipts", "events")
EMITTERS_SCOPES = ("emit", "receipts")
DAYS = 365
# One that ends sooner than this is replaced, before its holder notices.
RENEW_DAYS = 30
_TEXT = re.compile(r"(?:mrm_)?([a-z0-9]{12})(?:_[A-Za-z0-9_-]{43})?")
_ID = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Token:
    """A token, as the doors know it: never with its secret. `services` are those that know it."""

    id: str
    holder: str
    hash: bytes
    scopes: tuple[str, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    services: tuple[str, ...]


def add(deployment: Deployment, holder: str, scopes: Iterable[str], days: int) -> tuple[Token, str]:
    """Make a token that every recording service takes, and its text, which is kept nowhere.

    Raises:
        LocalError: the scopes do not go together, or nobody of that name may emit.
        ServerFailed: a database does not answer; then no service takes it.
    """
    wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
    if "events" in wanted and len(wanted) > 1:
        raise LocalError("the scope `events` is an auditor's and stands alone", "make a token for each")
    with doors(deployment) as open_doors:
        if not open_doors.services:
            raise LocalError("no recording service runs here", "run `miriam up` with one of them")
        if "events" not in wanted:
            _see_that_it_may_emit(open_doors, holder)
        text = _mint(open_doors, holder, wanted, days)
        return known(open_doors)[id_of(text)], text


def known(open_doors: Doors) -> dict[str, Token]:
    """Every token by its id, those made first at the front."""
    found: dict[str, Token] = {}
    query = "select id, holder, hash, scopes, created_at, expires_at, revoked_at from door.token"
    for service in open_doors.services:
        for id_, holder, digest, scopes, created, expires, revoked in open_doors.call(service, query):
            before = found.get(id_)
            others = before.services if before else ()
            if before:
                # Made once, and revoked where it was first: a service that came later may have other times.
                created = min(created, before.created_at)
                revoked = min(filter(None, (revoked, before.revoked_at)), default=None)
            token = Token(id_, holder, bytes(digest), tuple(scopes), created, expires, revoked, (*others, service))
            found[id_] = token
    return dict(sorted(found.items(), key=lambda pair: (pair[1].created_at, pair[0])))


def revoke(deployment: Deployment, text: str) -> list[str]:
    """Have every service refuse a token from now on; the services that took it until now. `text`: its id, or all of it.

    Raises:
        LocalError: no service knows it.
        ServerFailed: some service could not be told; the others were.
    """
    id_ = id_of(text)
    told, took, missed = 0, [], []
    for service in deployment.recorders:
        try:
            with doors(deployment, [service]) as door:
                told += len(door.call(service, "select from door.token where id = %s", id_))
                if door.call(service, "select door.revoke_token(%s)", id_)[0][0]:
                    took.append(service)
        except ServerFailed:
            missed.append(service)
    if missed:
        raise ServerFailed(
            f"{', '.join(missed)} could not be told and may still take it; others no longer do",
            f"see that their databases answer, then `miriam tokens revoke {id_}` again",
        )
    if not told:
        raise LocalError(f"no service knows a token {id_}", "see `miriam tokens list`")
    return took


def repair(open_doors: Doors) -> dict[str, Token]:
    """Let every service know every token, and refuse what one of them refuses: one that was restored from a backup has
    forgotten what was made or revoked since. The tokens as they are now.
    """
    found = known(open_doors)
    for token in found.values():
        values = (token.id, token.holder, token.hash, list(token.scopes), token.expires_at)
        for service in open_doors.services:
            if service not in token.services:
                open_doors.call(service, "select door.add_token(%s, %s, %s, %s, %s)", *values)
            if token.revoked_at is not None:
                open_doors.call(service, "select door.revoke_token(%s)", token.id)
    return known(open_doors)


def stale(found: Mapping[str, Token], holder: str, text: str, *, keep_revoked: bool = True) -> bool:
    """Whether an emitter needs another token than this one, which it has.

    One that was revoked is good enough with `keep_revoked`: who revoked it may want it so.
    """
    token = found.get(id_of(text)) if _TEXT.fullmatch(text) else None
    if token is None or token.holder != holder or not _matches(token, text):
        return True
    if token.revoked_at is not None:
        return not keep_revoked
    lasting = token.expires_at > dt.datetime.now(dt.UTC) + dt.timedelta(days=RENEW_DAYS)
    return not lasting or not set(EMITTERS_SCOPES) <= set(token.scopes)


def renewed(open_doors: Doors, holders: Mapping[str, str], *, keep_revoked: bool) -> dict[str, str]:
    """A good token for each emitter: the one that it has (`holders` maps its id to it), or else a new one."""
    found = repair(open_doors)
    return {
        holder: _mint(open_doors, holder, EMITTERS_SCOPES, DAYS)
        if stale(found, holder, text, keep_revoked=keep_revoked)
        else text
        for holder, text in holders.items()
    }


def id_of(text: str) -> str:
    """The id in a token's text, or the id itself.

    Raises:
        LocalError: it is neither.
    """
    match = _TEXT.fullmatch(text)
    if not match:
        raise LocalError("that is no token's id", "give the 12 letters and digits that `miriam tokens list` shows")
    return match[1]


def _mint(open_doors: Doors, holder: str, scopes: Iterable[str], days: int) -> str:
    id_ = "".join(secrets.choice(_ID) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    expires = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=days)
    digest = hashlib.sha256(secret.encode()).digest()
    for service in open_doors.services:
        values = (id_, holder, digest, list(scopes), expires)
        open_doors.call(service, "select door.add_token(%s, %s, %s, %s, %s)", *values)
    return f"mrm_{id_}_{secret}"


def _matches(token: Token, text: str) -> bool:
    """Whether this is the token's whole text."""
    _, _, secret = text.removeprefix("mrm_").partition("_")
    return secrets.compare_digest(hashlib.sha256(secret.encode()).digest(), token.hash)


def _see_that_it_may_emit(open_doors: Doors, holder: str) -> None:
    for service in open_doors.services:
        if not open_doors.call(service, "select from door.emitter where id = %s", holder):
            raise LocalError(f"{service} knows no emitter {holder}", f"run `miriam cpas add {holder}` first")
