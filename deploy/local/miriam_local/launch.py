"""Becomes one program of the deployment: `python -m miriam_local.launch HOME NAME`, run by the supervisor.

It first ends what an earlier run of the same program left behind (a supervisor that was killed leaves its children),
then readies the server's files, gives up root where the program asks for it, and turns into the program.
"""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

from miriam_local.places import Places
from miriam_local.processes import end, mark_of, read_mark, write_mark
from miriam_local.program import Program, load

# Those whose files are readied before each start.
SERVERS = ("postgres", "rabbitmq")


def end_leftover(places: Places, program: Program) -> bool:
    """End the process that this program was, if it still runs. True when there was one."""
    left = read_mark(places.mark_of(program.name))
    if left is None or not left.alive():
        return False
    end(left, program.signal, program.stop_seconds)
    return True


def become(places: Places, program: Program) -> None:
    """Turn this process into the program. Does not return.

    Raises:
        OSError: the program's file is not there, or may not be run.
    """
    mark = mark_of(os.getpid())
    if mark is not None:
        write_mark(places.mark_of(program.name), mark)
    os.chdir("/")
    if program.user and os.geteuid() == 0:
        entry = pwd.getpwnam(program.user)
        os.initgroups(program.user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    os.execve(program.argv[0], program.argv, program.environment)


def main() -> None:
    """Entry point: HOME and NAME are the two arguments."""
    places, name = Places(Path(sys.argv[1])), sys.argv[2]
    program = load(places)[name]
    if end_leftover(places, program):
        print(f"ended what an earlier run of {name} had left", flush=True)
    if name in SERVERS:
        # It imports much, which no other program is to wait for.
        from miriam_local.deployment import Deployment

        Deployment.remembered(places).prepare_server(name)
    become(places, program)


if __name__ == "__main__":
    main()
