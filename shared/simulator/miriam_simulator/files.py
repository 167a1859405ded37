"""A scenario as files: one JSON Lines file an emitter, ready for `miriam emit`, and the generator's truth beside."""

from collections.abc import Iterable
from pathlib import Path

import orjson

from miriam_simulator.diary import RECORDED, Item
from miriam_simulator.scenarios import Scenario

WARNING = "Made-up data: every woman, number and note in these files is invented."
_AFTER = "after"
_TRUTH = "truth.jsonl"


def write(scenario: Scenario, folder: Path) -> dict[str, int]:
    """Write the emissions until the close into `folder`, those that came after into `folder`/after.

    Personal blocks are plain: they are sealed by the emitter, on the way. A name such as `cpas.anderlecht.jsonl` says
    who emits. `truth.jsonl` lists what must not be recorded, and why. Returns the number of emissions by file name.

    Raises:
        OSError: a file cannot be written.
    """
    (folder / _AFTER).mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(WARNING + "\n", "utf-8")
    close, counts = scenario.edition.closed_on, dict[str, int]()
    with (folder / _TRUTH).open("wb") as truth:
        for diary in scenario.diaries():
            name = f"{diary.kind}.{diary.id}.jsonl"
            counts[name] = _lines(folder / name, diary.until(close))
            counts[f"{_AFTER}/{name}"] = _lines(folder / _AFTER / name, diary.since(close))
            for item in diary.items:
                if item.expect != RECORDED:
                    told = {"emitter": diary.source, "id": item.event["id"], "expect": item.expect, "rule": item.rule}
                    truth.write(orjson.dumps(told) + b"\n")
    return {name: count for name, count in counts.items() if count}


def _lines(path: Path, items: Iterable[Item]) -> int:
    count = 0
    with path.open("wb") as handle:
        for item in items:
            handle.write(orjson.dumps(item.event) + b"\n")
            count += 1
    if not count:
        path.unlink()
    return count
