"""What a bundle is of, which indicators it can hold, and which leaves those rest on.

`ledger`   every leaf up to the position: all figures of the edition.
`edition`  the leaves that the edition's figures rest on: all but D07 and D08, which are of every edition and source.
`cpas`     the leaves of one CPAS, and what the authority recorded: figures of its level, as far as they rest on its
           leaves alone. Where its women were at groups of another CPAS, or are enrolled there too, some do not.

A scope may take a leaf too many, never one too few: the verifier recomputes every figure from what is held.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_reporting.audit.bundle import leaves
from miriam_reporting.audit.bundle.errors import UnknownCpas

Kind = Literal["ledger", "edition", "cpas"]
# Of every edition and source: nothing less than the whole ledger shows them.
OF_ALL = ("D07", "D08")

# What rests on leaves of others, by the way in which a CPAS is bound up with them.
_BOUND = {
    "visits": ("I01", "I02", "I03", "I09", "I13", "I14", "D01"),
    "hosts": ("I09",),
    "shares": ("I01", "I04", "I05", "I06", "I08", "I13", "I16", "D05", "D06"),
    "joins": ("I02", "I03"),
}
_STANDS = "from_position <= %(position)s and until_position > %(position)s and not retracted"
_BONDS = f"""
with enrolled as (
       select person, cpas from facts.participation where {_STANDS}
     )
select exists (select from facts.cpas where {_STANDS} and cpas = %(cpas)s) as known,
       exists (select from facts.attendance where {_STANDS} and cpas = %(cpas)s and group_cpas <> %(cpas)s) as visits,
       exists (select from facts.attendance where {_STANDS} and cpas <> %(cpas)s and group_cpas = %(cpas)s) as hosts,
       exists (select
                 from enrolled as own
                 join enrolled as other using (person)
                where own.cpas = %(cpas)s and other.cpas <> %(cpas)s)
       or exists (select
                    from facts.person_link
                   where from_position <= %(position)s
                     and (cpas = %(cpas)s) <> (split_part(other, ':', 1) = %(cpas)s)) as shares,
       exists (select from facts.consortium where {_STANDS} and %(cpas)s = any (members)) as joins
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bundle is of; `cpas` where the kind is `cpas`."""

    kind: Kind = "ledger"
    cpas: str = ""

    @property
    def whole(self) -> bool:
        """Whether every leaf belongs to it."""
        return self.kind == "ledger"

    def as_json(self) -> dict[str, str]:
        """As the manifest holds it."""
        return {"kind": self.kind, **({"cpas": self.cpas} if self.cpas else {})}


def codes_of(connection: Connection, scope: Scope, position: int, codes: Iterable[str]) -> list[str]:
    """Those of `codes` whose figures can be recomputed from the leaves of the scope. Raises UnknownCpas.

    Runs inside the transaction of a snapshot of the facts.
    """
    if scope.whole and not _any_retired(connection, position):
        return list(codes)
    left_out = set(OF_ALL)
    if scope.kind == "cpas":
        with connection.cursor() as cursor:
            cursor.execute(_BONDS, {"position": position, "cpas": scope.cpas})
            row: Any = cursor.fetchone()
        known, *bonds = row
        if not known:
            raise UnknownCpas(f"{scope.cpas} is no registered CPAS at position {position}")
        left_out.update(code for name, bound in zip(_BOUND, bonds, strict=True) if bound for code in _BOUND[name])
    return [code for code in codes if code not in left_out]


def _any_retired(connection: Connection, position: int) -> bool:
    """Whether the body of a leaf was destroyed: then nobody can count the leaves of each source any more.

    Of what was wiped of test CPAS the numbers are told by leaves, so it is no such leaf.
    """
    return leaves.unexplained(connection, position)


def choose(connection: Connection, scope: Scope, edition: str, position: int) -> None:
    """Lay out the positions of the scope's leaves in the temporary table `bundle_leaf`, for this transaction.

    Not for the whole ledger, whose positions are all of them. Needs the facts to have reached the position.
    """
    asked = {
        "edition": edition,
        "position": position,
        "cpas": scope.cpas,
        "own": f"{scope.cpas}:%",
        "frame": _types("edition", "cpas", "consortium"),
        "projects": _types("project"),
        "reports": _types("report"),
        "persons": _types("person"),
        "participations": _types("participation"),
        "subjects": _types("participation", "session", "goal", "assessment", "referral", "group", "groupsession"),
        "lists": [each.type for each in EVENT_TYPES.values() if each.routing_key in _LISTS],
        "joins": _types("group"),
    }
    with connection.cursor() as cursor:
        for statement in _EDITION if scope.kind == "edition" else _CPAS:
            cursor.execute(statement, asked)


# What lists women of other CPAS.
_LISTS = ("groupsession.held", "groupsession.corrected")


def _types(*families: str) -> list[str]:
    return [name for name, each in EVENT_TYPES.items() if each.family in families]


# Everything of editions, CPAS and consortia (a few thousand leaves at most), and of the edition's reports.
_FRAME = """
create temporary table bundle_leaf on commit drop as
select position
  from ledger.leaf
 where position <= %(position)s
   and (type = any (%(frame)s)
        or type = any (%(reports)s) and data->'data'->>'edition' = %(edition)s)
"""
# A correction keeps the subject of its fact, so by subject a fact comes with all its versions.
_PAYLOAD = "coalesce(data->'data'->'replacement', data->'data')"
_FIRST = "coalesce(data->'data'->>'corrects', data->'data'->>'retracts', event_id::text)"

_EDITION = (
    _FRAME,
    # Every approval tells which projects are known, and costs and payments are few.
    "insert into bundle_leaf select position from ledger.leaf"
    " where position <= %(position)s and type = any (%(projects)s)",
    "insert into bundle_leaf select position from ledger.leaf"
    " where position <= %(position)s and type = any (%(persons)s)",
    f"""
create temporary table bundle_project on commit drop as
select distinct data->>'subject' as project, {_PAYLOAD}->>'edition' = %(edition)s as belongs
  from ledger.leaf
 where position <= %(position)s and type = any (%(projects)s) and {_PAYLOAD} ? 'edition'
""",
    # Participations and groups of which any version of any fact names a project of the edition, or one that no
    # standing approval knows (D01).
    f"""
create temporary table bundle_subject on commit drop as
select distinct data->>'subject' as subject
  from ledger.leaf
 where position <= %(position)s
   and type = any (%(subjects)s)
   and ({_PAYLOAD}->>'project' in (select project from bundle_project where belongs)
        or {_PAYLOAD}->>'project' not in (
             select project from facts.project
              where from_position <= %(position)s and until_position > %(position)s and not retracted))
""",
    # The women whom those groups name are judged by their own enrolments.
    f"""
insert into bundle_subject
select distinct named.participation
  from ledger.leaf
 cross join lateral (
         select jsonb_array_elements_text({_PAYLOAD}->'present')
          union all
         select jsonb_array_elements_text({_PAYLOAD}->'excused')
          union all
         select jsonb_array_elements_text({_PAYLOAD}->'absent')
       ) as named (participation)
 where position <= %(position)s
   and type = any (%(lists)s)
   and {_PAYLOAD} ? 'present'
   and data->>'subject' in (select subject from bundle_subject)
""",
    f"""
insert into bundle_subject
select distinct {_PAYLOAD}->>'participation'
  from ledger.leaf
 where position <= %(position)s
   and type = any (%(joins)s)
   and {_PAYLOAD} ? 'participation'
   and data->>'subject' in (select subject from bundle_subject)
""",
    "insert into bundle_leaf select position from ledger.leaf where position <= %(position)s"
    " and type = any (%(subjects)s) and data->>'subject' in (select subject from bundle_subject)",
    # Who is one woman with whom: the enrolments of all that were ever linked.
    f"""
insert into bundle_leaf
select position
  from ledger.leaf
 where position <= %(position)s
   and type = any (%(participations)s)
   and data->>'subject' in (
         select data->>'subject' from ledger.leaf where position <= %(position)s and type = any (%(persons)s)
          union
         select {_PAYLOAD}->>'other' from ledger.leaf where position <= %(position)s and type = any (%(persons)s))
""",
)

_CPAS = (
    _FRAME,
    f"""
insert into bundle_leaf
select position
  from ledger.leaf
 where position <= %(position)s
   and type = any (%(projects)s)
   and (data->'data' ? 'edition' or data->'data'->>'fact' = 'approved'
        or data->>'subject' in (
             select data->>'subject' from ledger.leaf
              where position <= %(position)s and type = any (%(projects)s) and {_PAYLOAD}->>'cpas' = %(cpas)s))
""",
    """
insert into bundle_leaf
select position
  from ledger.leaf
 where position <= %(position)s
   and type = any (%(subjects)s)
   and data->>'subject' like %(own)s
""",
    # A link may name the CPAS in one version and not in another: then all of them belong.
    f"""
insert into bundle_leaf
select position
  from ledger.leaf
 where position <= %(position)s
   and type = any (%(persons)s)
   and {_FIRST} in (
         select {_FIRST}
           from ledger.leaf
          where position <= %(position)s
            and type = any (%(persons)s)
            and (data->>'subject' like %(own)s or {_PAYLOAD}->>'other' like %(own)s
                 or {_PAYLOAD}->>'participation' like %(own)s))
""",
)
