"""Keeps the publications of one report as a fixture: whatever the code becomes, they must come out again.

    MIRIAM_REPORTING_DATABASE_URL=postgresql://... python tests/published/keep.py REPORT FOLDER

What is written are leaves as they are: **only of invented data** (`miriam demo`, `miriam simulate`).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import orjson
from psycopg2.extensions import connection as Connection

from miriam_platform import database
from miriam_reporting.reports.life.archive import kept_salts, published_figures
from miriam_reporting.reports.life.published import publications

LEAVES, DEFINITIONS, SALTS, FIGURES = "leaves.jsonl", "definitions.json", "salts.json", "figures"


def keep(connection: Connection, report: str, folder: Path) -> int:
    """Write the fixture of a report into a new folder; how many publications it has.

    It holds the leaves up to the last publication, every text that the definitions need, the edition's salts, and the
    figures one a line, so that a difference can be read. Raises FileExistsError, ValueError where nothing is published.
    """
    found = publications(connection, report=report)
    if not found:
        raise ValueError(f"{report} was never published")
    folder.mkdir(parents=True)
    with connection.cursor() as cursor:
        cursor.execute("select body from ledger.leaf where position <= %s order by position", (found[-1].leaf,))
        (folder / LEAVES).write_text("".join(f"{body}\n" for (body,) in cursor))
        cursor.execute("select name, digest, text from report.definition order by name, digest")
        texts = [dict(zip(("name", "digest", "text"), row, strict=True)) for row in cursor]
    wanted = _needed(texts, [each["digest"] for one in found for each in one.data["definitions"]])
    kept = [each for each in texts if each["digest"] in wanted]
    (folder / DEFINITIONS).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    edition = found[-1].data["edition"]
    salts = {cpas: salt.hex() for cpas, salt in sorted(kept_salts(connection, edition).items())}
    (folder / SALTS).write_text(json.dumps({edition: salts}, indent=1) + "\n")
    (folder / FIGURES).mkdir()
    for one in found:
        figures = published_figures(connection, one.event_id, one.data)
        lines = ",\n".join(orjson.dumps(each).decode() for each in figures)
        (folder / FIGURES / f"{one.event_id}.json").write_text(f"[\n{lines}\n]\n")
    return len(found)


def _needed(texts: list[dict[str, str]], digests: list[str]) -> set[str]:
    by_digest = {each["digest"]: each for each in texts}
    inside = {each for digest in digests for each in json.loads(by_digest[digest]["text"])["texts"].values()}
    listings = {each["digest"] for each in texts if each["name"] == "definitions"}
    return {*digests, *inside, *listings}


def main() -> None:
    """Keep the report named, of the database named."""
    report, folder = sys.argv[1:]
    connection = database.connect(os.environ["MIRIAM_REPORTING_DATABASE_URL"], "keep-publication")
    print(f"{folder}: {keep(connection, report, Path(folder))} publications")


if __name__ == "__main__":
    main()
