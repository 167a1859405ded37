"""Our own emitter, as a maker's program: what `miriam conformance` calls where it is given no other."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

from miriam_emitter import Emitter, Settings
from miriam_emitter.errors import EmitterError
from miriam_emitter.files import read_lines


def main() -> int:
    """Send the file named first; exit code 0 once every event is answered, 1 where that is not to be had."""
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    credentials = Path(os.environ["MIRIAM_CREDENTIALS"])
    known = json.loads(credentials.read_text("utf-8")) | {"over": os.environ["MIRIAM_OVER"]}
    settings = Settings.of(known, Path(os.environ["MIRIAM_STATE"]) / "spool", credentials.parent)
    with Path(sys.argv[1]).open("rb") as file:
        events, _ = read_lines(file)
    try:
        with Emitter(settings) as emitter:
            emitter.put(events)
            emitter.run(patience=60)
            for receipt in emitter.spool.answers([event["id"] for event in events]):
                print(json.dumps(receipt.content, ensure_ascii=False))
    except EmitterError as problem:
        print(f"{problem.args[0]}; next: {problem.next_step}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
