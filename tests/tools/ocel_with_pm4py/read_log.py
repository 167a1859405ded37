"""Read OCEL 2.0 logs with pm4py, and mine them: `read_log.py FILE ...`. Fails where pm4py sees less than a file holds.

Runs in an environment of its own (requirements.lock): pm4py is under the AGPL, and no part of the project imports it.
"""

import collections
import json
import sys

import pm4py


def check(path: str) -> None:
    """Compare what pm4py read with what the file says, then follow the participations through it."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        told = json.load(file)
    read = pm4py.read_ocel2_json(path)
    kinds = collections.Counter(each["type"] for each in told["objects"])
    assert collections.Counter(read.objects["ocel:type"]) == kinds, "objects differ"
    activities = collections.Counter(each["type"] for each in told["events"])
    assert collections.Counter(read.events["ocel:activity"]) == activities, "events differ"
    related = {(e["id"], r["objectId"], r["qualifier"]) for e in told["events"] for r in e["relationships"]}
    seen = set(
        zip(read.relations["ocel:eid"], read.relations["ocel:oid"], read.relations["ocel:qualifier"], strict=True)
    )
    assert seen == related, "relations differ"
    minutes = {e["id"]: a["value"] for e in told["events"] for a in e["attributes"] if a["name"] == "duration_minutes"}
    columns = read.events.set_index("ocel:eid")["duration_minutes"].dropna()
    assert {key: str(int(value)) for key, value in columns.items()} == minutes, "attributes differ"
    graph = pm4py.discover_ocdfg(read)
    assert set(graph["object_types"]) == set(kinds), "the graph lacks a type of objects"
    flat = pm4py.ocel_flattening(read, "participation")
    edges, starts, _ = pm4py.discover_dfg(flat)
    cases = flat["case:concept:name"].nunique()
    assert sum(starts.values()) == cases, "not every participation has a beginning"
    print(f"{path}: {len(read.events)} events, {len(read.objects)} objects, {len(related)} relations;")
    print(f"  {cases} participations, {len(edges)} steps from one activity to the next; they begin with:")
    for activity, count in sorted(starts.items(), key=lambda item: -item[1])[:3]:
        print(f"  {count:6} {activity}")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        check(name)
