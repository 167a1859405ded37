"""Diffs that were asked before: between two fixed positions nothing changes, so an answer is kept (kept.diff).

It holds for the same definitions and code, of the same facts. A retirement deletes all that is kept, and a retired
edition is refused before anything is looked for; an erasure changes no diff.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.diff.model import Diff
from miriam_reporting.reports.diff.quick import quick_diff
from miriam_reporting.reports.kept import alone, committed, generation
from miriam_reporting.reports.retired import refuse_retired
from miriam_reporting.reports.snapshot import opened

# So many answers are kept, the newest, and none that is larger.
ANSWERS = 100
LARGEST = 6_000_000  # characters; every figure of every project, of an edition of the programme's own size
_CODE = ("reports", "reports/diff", "reports/aggregates")
_FIND = """
select answer
  from kept.diff
 where edition = %s and question = %s and made_by = %s and facts = kept.generation()
"""


def kept_diff(
    connection: Connection,
    edition: str,
    before: int,
    after: int,
    levels: Sequence[str],
    codes: Sequence[str] | None,
    most: int | None,
) -> Diff:
    """What `diff` gives by the definitions of this code, as it was kept; else computed, by one at a time, and kept.

    Needs a connection outside a transaction, and leaves it so. Raises what `diff` raises.
    """
    asked = {"from": before, "to": after, "levels": list(levels), "codes": codes and list(codes), "most": most}
    question = orjson.dumps(asked).decode()
    if found := _found(connection, edition, question):
        return found
    with alone(connection, f"{edition} {question}"):
        if found := _found(connection, edition, question):
            return found
        facts = generation(connection)
        computed = quick_diff(connection, edition, before, after, levels, codes, most)
        answer = orjson.dumps(computed.as_json()).decode()
        if len(answer) <= LARGEST:
            with committed(connection) as cursor:
                asked_of = (edition, question, made_by(), facts, answer, ANSWERS)
                cursor.execute("select kept.keep_diff(%s, %s, %s, %s, %s, %s)", asked_of)
    return computed


def _found(connection: Connection, edition: str, question: str) -> Diff | None:
    with opened(connection, None), connection.cursor() as cursor:
        refuse_retired(connection, edition)
        cursor.execute(_FIND, (edition, question, made_by()))
        row = cursor.fetchone()
    return Diff.from_json(orjson.loads(row[0])) if row else None


@cache
def made_by() -> str:
    """One value for the definitions and for the code that compares by them: other code may give other answers."""
    found = hashlib.sha256(current().digest.encode())
    for folder in _CODE:
        files = resources.files("miriam_reporting").joinpath(folder).iterdir()
        for file in sorted((file for file in files if file.is_file()), key=lambda file: file.name):
            found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()
