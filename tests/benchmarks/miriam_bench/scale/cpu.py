"""Processor time of a PostgreSQL server and of one session: what a neighbour on the machine does not change so much."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg2.extensions import connection as Connection

from miriam_bench.scale.kept import Kept

_TICK = os.sysconf("SC_CLK_TCK")


def of_session(connection: Connection) -> float:
    """Seconds of processor that the server's process for this connection has used, to the microsecond."""
    told = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text("ascii")
    return int(told.split()[0]) / 1e9


def of_server(kept: Kept) -> float:
    """Seconds that all sessions of the server have used, those that ended included; to the hundredth."""
    mark = kept.postgres.postmaster()
    assert mark is not None
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == mark.pid:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == mark.pid:
            total += sum(map(int, fields[11:13]))
    return total / _TICK
