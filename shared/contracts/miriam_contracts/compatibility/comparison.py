"""What an edit of the contracts breaks: the published contracts beside those of today."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from miriam_contracts.catalogue import EventType
from miriam_contracts.compatibility.description import Description
from miriam_contracts.examples import examples

_OLD_EVENTS = "what was recorded, or is sent by makers who know no other form, would be refused"
_OLD_READERS = "readers who know the contract as it was would refuse the new events"
# By what an edit does: whom it would let down.
WHY: Mapping[str, str] = {
    "type_removed": _OLD_EVENTS,
    "payload_removed": _OLD_EVENTS,
    "field_removed": _OLD_EVENTS,
    "required_field_added": _OLD_EVENTS,
    "field_made_required": _OLD_EVENTS,
    "field_made_optional": _OLD_READERS,
    "kind_changed": _OLD_EVENTS,
    "form_changed": _OLD_EVENTS,
    "bound_narrowed": _OLD_EVENTS,
    "bound_widened": _OLD_READERS,
    "code_removed": _OLD_EVENTS,
    "code_added": _OLD_READERS,
    "check_added": _OLD_EVENTS,
    "check_removed": _OLD_READERS,
    "emitter_removed": _OLD_EVENTS,
    "owner_changed": "its events would come from another service, in another stream",
    "upcaster_missing": "old facts could not be read by today's rules",
    "upcaster_wrong": "an old fact would break the contract that it is read by",
}
_CHANGES = ("corrected", "retracted")
_LOWER, _UPPER = frozenset({"lowest", "shortest", "fewest"}), frozenset({"highest", "longest", "most"})
_Found = tuple[str, str, str]  # what, field, detail


@dataclass(frozen=True, slots=True)
class Break:
    """One edit that lets somebody down. `what` is a key of WHY; `detail` names the code, bound or field concerned."""

    what: str
    type: str
    field: str = ""
    detail: str = ""

    def __str__(self) -> str:
        place = f"{self.type} {self.field}".strip()
        named = f" ({self.detail})" if self.detail else ""
        return f"{place}: {self.what.replace('_', ' ')}{named}: {WHY[self.what]}"


def breaks(published: Mapping[str, Description], today: Mapping[str, Description]) -> list[Break]:
    """Everything that an edit broke, in the order of types and fields; none where what was published is kept."""
    return [each for name in sorted(published) for each in _type(name, published[name], today.get(name))]


def upcaster_breaks(types: Iterable[EventType]) -> list[Break]:
    """Versions of facts that today's code cannot read in the next one, tried with every golden example."""
    known = {(each.family, each.fact, each.version): each for each in types if each.fact not in _CHANGES}
    found = []
    for (family, fact, version), each in known.items():
        later = known.get((family, fact, version + 1))
        if later is None:
            # A hole: what comes behind it is out of reach.
            if any(key[:2] == (family, fact) and key[2] > version for key in known):
                found.append(Break("type_removed", f"miriam.{family}.{fact}.v{version + 1}"))
        elif each.upcast is None:
            found.append(Break("upcaster_missing", each.type, detail=f"to version {later.version}"))
        else:
            found.extend(_wrong(each, later))
    return found


def _wrong(each: EventType, later: EventType) -> Iterator[Break]:
    assert each.upcast is not None
    for example in examples():
        if f"miriam.{example.kind}" == each.type:
            problems = later.load_recorded(each.upcast(example.event["data"]))
            for problem in problems:
                yield Break("upcaster_wrong", each.type, problem.field, f"{problem.code}, {example.path}")


def _type(name: str, before: Description, after: Description | None) -> Iterator[Break]:
    if after is None:
        yield Break("type_removed", name)
        return
    for what in ("owner", "subject_field"):
        if before[what] != after[what]:
            yield Break("owner_changed", name, detail=f"{what}: {before[what]}")
    for kind in sorted(set(before["emitted_by"]) - set(after["emitted_by"])):
        yield Break("emitter_removed", name, detail=kind)
    for fact, payload in before["payloads"].items():
        if fact not in after["payloads"]:
            yield Break("payload_removed", name, detail=fact)
            continue
        for what, field, detail in _object(payload, after["payloads"][fact], "data"):
            # A retraction names the facts of its family; whoever does not know a new one cannot read that either.
            if (what, field) != ("code_added", "data/fact") or ".retracted." not in name:
                yield Break(what, name, field, detail)
    if "added" in before or "added" in after:
        nothing: Description = {"fields": {}, "checks": []}
        for what, field, detail in _object(before.get("added", nothing), after.get("added", nothing), "data"):
            yield Break(what, name, field, detail)


def _object(before: Description, after: Description, path: str) -> Iterator[_Found]:
    old, new = before["fields"], after["fields"]
    for name, field in old.items():
        if name in new:
            yield from _field(field, new[name], f"{path}/{name}")
        else:
            yield "field_removed", f"{path}/{name}", ""
    for name in new:
        if name not in old and new[name]["required"]:
            yield "required_field_added", f"{path}/{name}", ""
    for check in sorted(set(before["checks"]) ^ set(after["checks"])):
        yield "check_removed" if check in before["checks"] else "check_added", path, check


def _field(before: Description, after: Description, path: str) -> Iterator[_Found]:
    if before["is"] != after["is"]:
        yield "kind_changed", path, f"{before['is']}, now {after['is']}"
        return
    if before["required"] != after["required"]:
        yield "field_made_required" if after["required"] else "field_made_optional", path, ""
    for name in sorted({*before, *after} - {"is", "required"}):
        was: Any = before.get(name)
        now: Any = after.get(name)
        if was == now:
            continue
        if name == "object":
            yield from _object(was, now, path)
        elif name == "item":
            yield from _field(was, now, f"{path}/*")
        elif name == "choices":
            for code in sorted(set(was) ^ set(now)):
                yield "code_removed" if code in was else "code_added", path, code
        elif name in _LOWER or name in _UPPER:
            narrowed = now > was if name in _LOWER else now < was
            yield "bound_narrowed" if narrowed else "bound_widened", path, f"{name}: {was}, now {now}"
        else:
            yield "form_changed", path, f"{name}: {_short(was)}, now {_short(now)}"


def _short(value: Any) -> str:
    return "none" if value is None else str(value)
