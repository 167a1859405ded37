"""`python -m miriam_contracts.documents`: write the generated documents, or check that they are up to date."""

import argparse
import json
import sys
from pathlib import Path

from miriam_contracts.documents.files import COMMAND, FOLDER, differing, files, kept, write


def main() -> int:
    """Exit code 0: written, or up to date; 1: `--check` found documents that are not; 2: wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m miriam_contracts.documents", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where they lie (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where one is out of date")
    parser.add_argument("--json", action="store_true", help="tell the result as JSON")
    arguments = parser.parse_args()
    folder = arguments.folder
    changed = differing(files(), kept(folder)) if arguments.check else write(folder)
    if arguments.json:
        print(json.dumps({"folder": str(arguments.folder), "changed": changed, "written": not arguments.check}))
    else:
        for place in changed:
            print(place)
        state = "out of date" if arguments.check else "written"
        print(f"{len(changed)} {state}" if changed else "up to date")
    if arguments.check and changed:
        print(f"the documents differ from the contracts; run: {COMMAND}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
