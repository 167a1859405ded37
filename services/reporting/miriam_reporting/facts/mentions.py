"""What facts have to do with which edition: kept beside the facts, in the transaction that projects them.

`mention` holds which projects the facts of a participation or group ever named, in whatever version. `touched` holds,
by project, the last position at which something changed that figures of its edition may depend on; under the name ''
for what every edition rests on. So whoever kept a figure knows when it may have become another (`last_that_matters`),
and reports find the few facts of other editions that they must look at without reading them all.

Both say rather too much than too little: a project too many in `mention` changes no figure, a position too high in
`touched` makes a kept figure be computed again for nothing.
"""

from psycopg2.extensions import connection as Connection

# Facts of a project, with what they are said of: they are judged by others of the same, whatever project those name.
SUBJECTS = {
    "participation": "participation",
    "session": "participation",
    "goal": "participation",
    "goal_event": "participation",
    "assessment": "participation",
    "referral": "participation",
    "referral_close": "participation",
    "exit": "participation",
    "follow_up": "participation",
    "attendance": "participation",
    "group_session": "group_id",
    "grp": "group_id",
    "membership": "group_id",
}
# Facts of a project alone.
OF_PROJECTS = ("payment", "cost")
# Facts that every edition rests on: what there is at all, who is one woman, what was refused.
OF_ALL = ("edition", "project", "cpas", "consortium", "person_link", "refusal_tally")

_RANGE = "v.from_position > %(after)s and v.from_position <= %(upto)s"
# A correction may have changed what its fact was said of, or of which project: the versions before it count too.
_BEFORE = """
select v.from_position as position, o.project, o.{subject} as subject
  from {table} as v
  join {table} as o on o.first_id = v.first_id and o.from_position < v.from_position
 where v.event_id <> v.first_id and {range}
"""
_NOTE = """
with changed as materialized (
{changed}
), noted as (
  insert into mention (project, subject)
  select distinct project, subject from changed where subject is not null and project <> ''
      on conflict do nothing
)
insert into touched as t (project, position)
select concerned.project, max(concerned.position)
  from (
    select project, position from changed
     union all
    select m.project, c.position from changed as c join mention as m using (subject)
     union all
    -- Whose enrolment was ever linked may tell who a woman is in any edition.
    select '', c.position
      from changed as c
     where exists (select from person_link as l where l.participation = c.subject or l.other = c.subject)
  ) as concerned
 group by concerned.project
    on conflict (project) do update set position = greatest(t.position, excluded.position)
"""
_FILL = """
insert into mention (project, subject)
{named}
    on conflict do nothing
"""
_LAST = """
with approved as (
  -- Who was approved for more than one edition counts in each of them here.
  select project, bool_or(edition = %(edition)s) as asked,
         bool_or(until_position = 9223372036854775807 and not retracted) as stands
    from facts.project
   group by project
)
select coalesce(max(t.position), 0)
  from facts.touched as t
  left join approved as a using (project)
 where a.asked or a.stands is not true
"""


def note(connection: Connection, after: int, upto: int, corrections: bool) -> None:
    """Note what the leaves after..upto, just projected, mention and touch. The search path names the schema.

    `corrections`: whether there are corrections or retractions among them.
    """
    arms = [f"select v.from_position as position, v.project, v.{column} as subject from {table} as v where {_RANGE}"
            for table, column in SUBJECTS.items()]  # fmt: skip
    arms += [f"select v.from_position, v.project, null from {table} as v where {_RANGE}" for table in OF_PROJECTS]
    arms += [f"select v.from_position, '', null from {table} as v where {_RANGE}" for table in OF_ALL]
    if corrections:
        subjects = {**SUBJECTS, **dict.fromkeys(OF_PROJECTS, "cpas")}
        arms += [_BEFORE.format(table=table, subject=subjects[table], range=_RANGE) for table in subjects]
    with connection.cursor() as cursor:
        statement = _NOTE.replace("{changed}", "\n union all\n".join(arms))
        cursor.execute(statement, {"after": after, "upto": upto})


def fill(connection: Connection) -> None:
    """Note what all facts mention, into an empty table; after a rebuild, everything counts as touched at its end."""
    named = "\n union\n".join(f"select project, {column} from {table}" for table, column in SUBJECTS.items())
    with connection.cursor() as cursor:
        cursor.execute(_FILL.replace("{named}", named))


def touch_all(connection: Connection, position: int) -> None:
    """Every kept figure may have become another at `position`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into touched as t (project, position) values ('', %s)"
            " on conflict (project) do update set position = greatest(t.position, excluded.position)",
            (position,),
        )


def last_that_matters(connection: Connection, edition: str) -> int:
    """The last position at which something changed that a figure of the edition may depend on; 0 if nothing did.

    Of the live facts, in the caller's snapshot of them. What no approval names may belong to any edition, so it counts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"edition": edition})
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])
