"""Who is who: from a national number to the random id of a woman, and no way back.

Only some 36 million numbers are possible in a century, so a plain hash could be reversed by trying them all: the table
holds HMACs under a key that lies outside the database, and a row can be deleted without touching an event.
"""

import hashlib
import hmac
import secrets

from psycopg2.extensions import connection as Connection

from miriam_contracts import ids

KEY = "person"


def new_person() -> str:
    """A random id for a woman: 128 bits that say nothing of her, and do not look like anybody's national number."""
    while True:
        digits = secrets.token_hex(16)
        if not ids.holds_national_number(digits):
            return f"prs-{digits}"


def key_for(key: bytes, participation: str) -> bytes:
    """The key by which the numbers of a participation's CPAS are kept: one for all, and another for each test CPAS.

    A maker may try with the number of a woman who is real: it must neither lead to her nor mint her, and what is minted
    for it leads no other test CPAS anywhere.
    """
    emitter = ids.prefix(participation)
    return hmac.digest(key, f"test/{emitter}".encode(), hashlib.sha256) if ids.is_test(emitter) else key


def person_of_number(connection: Connection, key: bytes, number: str) -> str:
    """The person of a national number (eleven digits), minted at its first sight; always the same from then on.

    A second transaction with the same new number waits until this one ends, so two never mint two persons.
    """
    keyed = hmac.digest(key, number.encode(), hashlib.sha256)
    with connection.cursor() as cursor:
        cursor.execute("select person.of_number(%s, %s)", (keyed, new_person()))
        [(answer,)] = cursor.fetchall()
        return str(answer)


def name(connection: Connection, event_id: str, participation: str, person: str) -> None:
    """Note that the version of an enrolment recorded under this id names this woman."""
    with connection.cursor() as cursor:
        cursor.execute("select person.name(%s, %s, %s)", (event_id, participation, person))
