"""`python -m miriam_contracts.compatibility`: refuse an edit of the contracts that lets a reader or an emitter down."""

import argparse
import json
import sys
from pathlib import Path

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.compatibility import breaks, describe, kept, upcaster_breaks
from miriam_contracts.compatibility.description import FILE, written

_NEXT = "give it a new version: a schema and an upcaster in LATER of its family (shared/contracts/README.md)"
_KEEP = "python -m miriam_contracts.compatibility --keep"


def main() -> int:
    """Exit code 0: what was published is kept; 1: something is broken, or is not kept yet; 2: wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m miriam_contracts.compatibility", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep what was added: from now on it is published")
    parser.add_argument("--json", action="store_true", help="tell the result as JSON")
    arguments = parser.parse_args()
    published, today = kept(), describe(EVENT_TYPES.values())
    broken = [*breaks(published, today), *upcaster_breaks(EVENT_TYPES.values())]
    added = sorted(name for name in today if today[name] != published.get(name)) if not broken else []
    if arguments.keep and added:
        (Path(__file__).parents[1] / "golden" / FILE).write_text(written(today), "utf-8")
    if arguments.json:
        told = [{"what": e.what, "type": e.type, "field": e.field, "detail": e.detail, "why": str(e)} for e in broken]
        print(json.dumps({"broken": told, "added": added, "kept": arguments.keep and not broken}))
    else:
        for line in (*map(str, broken), *added):
            print(line)
        print("nothing that was published is broken" if not broken else f"{len(broken)} broken")
    if broken:
        print(_NEXT, file=sys.stderr)
    elif added and not arguments.keep:
        print(f"published, and not kept yet; run: {_KEEP}", file=sys.stderr)
    return 1 if broken or (added and not arguments.keep) else 0


if __name__ == "__main__":
    sys.exit(main())
