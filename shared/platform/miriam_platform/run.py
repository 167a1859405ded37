"""The commands of a recording service: `python -m miriam_<service> COMMAND`, as USAGE lists them.

`serve` runs under eventlet, which must patch the standard library before anything else is imported: so this module
imports nothing of ours at its top, and is told where the service is defined rather than given its definition.
"""

import sys
import warnings

USAGE = (
    "usage: python -m miriam_X serve | relay | migrate [pre|post] | keys | tally | restore [--without-ledger]"
    " | wipe TEST-CPAS REASON"
)
COMMANDS = ("serve", "relay", "migrate", "keys", "tally", "restore", "wipe")
_MOST_ARGUMENTS = {"migrate": 1, "restore": 1, "wipe": 2}


def main(definition: str, arguments: list[str] | None = None) -> int:
    """Run a command and answer its exit code: 0 done, 1 failed, 2 wrong usage or configuration.

    `definition` says where the ServiceDefinition is: `miriam_intake.service:DEFINITION`.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] not in COMMANDS or len(given) - 1 > _MOST_ARGUMENTS.get(given[0], 0):
        print(USAGE, file=sys.stderr)
        return 2
    if given[0] == "serve":
        # Known and decided (nameko stands on it, at the edge alone): not worth a line in every log.
        warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
        import eventlet

        # psycopg too: a query that waits for its server must not stop heartbeats and requests.
        eventlet.monkey_patch(all=True, psycopg=True)

    from miriam_platform import commands

    return commands.run(definition, given[0], given[1:])
