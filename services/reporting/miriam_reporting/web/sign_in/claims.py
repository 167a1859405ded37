"""Whom a provider's claims name: a role, for the role cpas a registered CPAS, and a name for the access log."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from psycopg2.extensions import connection as Connection

from miriam_contracts.ids import holds_national_number
from miriam_reporting.web.roles import Role, Viewer
from miriam_reporting.web.settings import Provider
from miriam_reporting.web.sign_in.oidc import claim

_FITS = re.compile(r"[A-Za-z0-9_@-]{1,20}", re.ASCII)
_KEPT, _HASHED = 9, 10
_REGISTERED = """
select exists (select from facts.cpas
                where cpas = %s and not retracted and until_position = 9223372036854775807)
"""


class NoRoleHere(Exception):
    """The provider knows who it is, but its claims give nothing to see here. `why` is `role` or `cpas`."""

    def __init__(self, why: Literal["role", "cpas"]) -> None:
        super().__init__(why)
        self.why = why


def viewer_of(
    claims: Mapping[str, Any], provider: Provider, secret: str, is_registered: Callable[[str], bool]
) -> Viewer:
    """Who the claims are of. Raises NoRoleHere, also where they name more than one role."""
    told = claim(dict(claims), provider.role_claim)
    known = {str(role) for role in Role if role is not Role.PUBLIC}
    roles = known & {each for each in (told if isinstance(told, list) else [told]) if isinstance(each, str)}
    if len(roles) != 1:
        raise NoRoleHere("role")
    role, cpas = Role(roles.pop()), None
    if role is Role.CPAS:
        cpas = claim(dict(claims), provider.cpas_claim)
        if not isinstance(cpas, str) or not is_registered(cpas):
            raise NoRoleHere("cpas")
    return Viewer(role, name_of(claims, provider, secret), cpas)


def name_of(claims: Mapping[str, Any], provider: Provider, secret: str) -> str:
    """How the access log calls the account: as the provider does where that fits, or its beginning and a hash.

    The hash is of the subject, under the pages' secret: some providers call people by their national number, which
    would be found by trying all of them. It is of 50 bits, so that two accounts do not meet.
    """
    subject, preferred = str(claims["sub"]), str(claims.get("preferred_username") or "")
    if _FITS.fullmatch(preferred) and not holds_national_number(preferred):
        return preferred
    shown = "" if holds_national_number(preferred) else re.sub(r"[^A-Za-z0-9]+", "-", preferred, flags=re.ASCII)
    digest = hmac.new(secret.encode(), f"{provider.issuer}\n{subject}".encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest).decode().lower()[:_HASHED]
    return "-".join(part for part in (shown[:_KEPT].strip("-"), text) if part)


def is_registered(connection: Connection, cpas: str) -> bool:
    """Whether a CPAS is registered, as far as the facts reach."""
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERED, (cpas,))
        row = cursor.fetchone()
    return bool(row and row[0])
