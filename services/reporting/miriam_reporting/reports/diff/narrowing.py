"""A query's evidence of those alone whom changes may concern (near.py), from standing facts that are laid out whole.

The query's own text is asked; what it reads is narrowed under the same names. A unit is then left out only where its
rows are the same at both positions, and one that is not left out has all of its rows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from miriam_reporting.indicators.definitions import Query
from miriam_reporting.indicators.standing import standing
from miriam_reporting.reports.diff.near import PLACE
from miriam_reporting.reports.tallies import evidence_query

_NAME = re.compile(r"\b\w+_at\b")
_VIEW = re.compile(r"create temporary view \w+ as\n")

# Who is enrolled where, until when, and who she is: all other facts of a participation are judged by it.
_HERS = frozenset({PLACE, "participation", "exit", "person_link"})
_MET = _HERS | {"session", "group_session", "membership"}
_ASSESSED = _HERS | {"assessment"}
_GOALS = _HERS | {"goal"}
_REFERRED = _HERS | {"referral", "referral_close"}
_FOLLOWED = _HERS | {"follow_up"}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a standing fact: by what it is told whose they are, and from which kinds of facts they are laid out."""

    key: str
    kinds: frozenset[str]


_NARROWED: Mapping[str, _Rows] = {
    "participation_at": _Rows("participation", _HERS),
    "woman_places_at": _Rows("woman", _HERS),
    "session_at": _Rows("seat", _HERS | {"session"}),
    "attendance_at": _Rows("participation", _MET - {"session"}),
    "contact_at": _Rows("seat", _MET),
    "assessment_at": _Rows("participation", _ASSESSED),
    "goal_at": _Rows("participation", _GOALS),
    "goal_event_at": _Rows("participation", _GOALS),
    "referral_at": _Rows("participation", _REFERRED),
    "referral_close_at": _Rows("participation", _REFERRED),
    "exit_at": _Rows("participation", _HERS),
    "follow_up_at": _Rows("participation", _FOLLOWED),
    "end_assessment_at": _Rows("woman", _ASSESSED),
    "first_enrolment_at": _Rows("woman", _HERS),
    "goal_outcome_at": _Rows("first_id", _GOALS),
    "last_follow_up_at": _Rows("seat", _FOLLOWED),
    "assessed_at": _Rows("woman", _ASSESSED),
    "unset_goal_at": _Rows("participation", _GOALS),
    "unmade_referral_at": _Rows("participation", _REFERRED),
}
# Of projects, groups, doors and the edition: few, or the same for all.
_WHOLE = frozenset({
    "edition_at", "cpas_at", "carrier_at", "place_at", "group_session_at", "stray_at", "payment_at", "cost_at",
    "refused_at", "gap_at", "project_at",
})  # fmt: skip
# Each row of these views is a fact for itself, whatever its neighbours are.
_APART = frozenset({"matched_at", "noted_at"})
_SHOWN = frozenset({"session_at", "attendance_at"})
# Where a project is counted, all who are in it matter.
_OF_PROJECTS = "carrier_at"


def narrowed(query: Query) -> str:
    """The statement that yields the query's evidence of those whom changes may concern; of all, where the query counts
    projects, or reads what is not known here. Takes the parameters of `evidence_query`.
    """
    views = {each.name: each.statement for each in standing() if not each.is_table}
    read = _read(query.text)
    apart = bool(read & _APART)
    for name in read & views.keys():
        read |= _read(views[name])
    known = _NARROWED.keys() | _WHOLE | views.keys()
    if not read <= known or _OF_PROJECTS in _read(query.text):
        return evidence_query(query)
    tables = [each.name for each in standing() if each.name in read & _NARROWED.keys()]
    of_query = frozenset[str]().union(*(_NARROWED[name].kinds for name in tables))
    # Rows that are counted one by one are looked at one by one, where a fact is nothing but itself.
    singly = apart or (query.each == "row" and set(tables) <= _SHOWN)
    shadows = [
        f"{name} as (select t.* from {name} as t where {_whose(name, of_query, singly=singly, apart=apart)})"
        for name in tables
    ]
    shadows += [f"{name} as ({_VIEW.sub('', views[name])})" for name in views if name in read]
    return f"with {', '.join(shadows)}\n{evidence_query(query)}" if shadows else evidence_query(query)


def _read(text: str) -> frozenset[str]:
    names = {each.name for each in standing()}
    return frozenset(name for name in _NAME.findall(text) if name in names)


def _whose(name: str, of_query: frozenset[str], *, singly: bool, apart: bool) -> str:
    rows = _NARROWED[name]
    kinds = rows.kinds if apart else of_query
    if singly and name in _SHOWN:
        kinds = rows.kinds - {"session", "group_session"}
    near = _near(rows.key, kinds)
    if name == "session_at":
        # Of whom no enrolment is known, nothing but her sessions is: there are few such, and all are looked at.
        near += " or t.seat is null"
    if singly and name in _SHOWN:
        near += " or t.first_id in (select c.first_id from diff_changed as c)"
    return near


def _near(key: str, kinds: Iterable[str]) -> str:
    if key == "first_id":
        hers = _near("participation", kinds).replace("t.participation", "g.participation")
        return f"t.first_id in (select g.first_id from goal_at as g where {hers})"
    told = ", ".join(f"'{kind}'" for kind in sorted(kinds))
    # Who has no enrolment in the edition is named by her participation, where women are counted.
    name = f"coalesce(n.{key}, n.participation)" if key == "woman" else f"n.{key}"
    return f"t.{key} in (select {name} from diff_near as n where n.kind in ({told}) and {name} is not null)"
