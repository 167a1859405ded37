"""`python -m miriam_reporting COMMAND`: the processes of reporting, told by their environment what to stand on."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from miriam_platform import config as configuration
from miriam_platform import logging
from miriam_platform.config import Config, ConfigurationError, need

_EPILOG = "The environment is described in services/reporting/README.md. Exit codes: 0 done, 1 failed, 2 wrong usage."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answer its exit code."""
    parser = argparse.ArgumentParser(prog="python -m miriam_reporting", description=__doc__, epilog=_EPILOG)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="take recorded events into the ledger, and answer over HTTP")
    commands.add_parser("project", help="keep the facts at the head of the ledger")
    commands.add_parser("checkpoint", help="sign the ledger's head as it grows")
    migrate = commands.add_parser("migrate", help="bring the database to the form that this code needs")
    migrate.add_argument("phase", nargs="?", choices=("pre", "post"), help="one half alone; both by default")
    rebuild = commands.add_parser("rebuild", help="fill the facts anew beside the old ones, compare, and swap")
    rebuild.add_argument("--swap-anyway", action="store_true", help="swap although the new facts differ from the old")
    commands.add_parser("pages", help="answer people's browsers")
    commands.add_parser("keys", help="make the log's key where there is none")
    given = parser.parse_args(arguments)
    if given.command == "serve":
        # Importing it patches what waits, so it must come before anything that opens a socket.
        from miriam_reporting import service  # noqa: F401
    try:
        config = configuration.read()
        logging.configure("reporting", config.log_level, given.command)
        return _COMMANDS[given.command](config, given)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1


def _serve(config: Config, given: argparse.Namespace) -> int:
    from miriam_reporting import service

    need(config, "database_url", "amqp_url", "http_address", "service_token")
    service.run(config)
    return 0


def _project(config: Config, given: argparse.Namespace) -> int:
    from miriam_reporting.facts.projection import OtherDefinition
    from miriam_reporting.facts.projector import Projector

    need(config, "database_url")
    projector = Projector(config.database_url)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: projector.stop())
    try:
        projector.run()
    except OtherDefinition as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _checkpoint(config: Config, given: argparse.Namespace) -> int:
    from miriam_reporting.ledger.checkpointer import Checkpointer, HistoryChanged
    from miriam_reporting.ledger.log_keys import LogKeys, log_origin
    from miriam_transparency.keys import KeyFileError

    need(config, "database_url", "keys_dir")
    checkpointer = Checkpointer(config.database_url, LogKeys.of_environment(config.keys_dir), log_origin())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: checkpointer.stop())
    try:
        checkpointer.run()
    except HistoryChanged as changed:
        print(f"nothing is signed any more: the ledger is not the one that was signed: {changed}", file=sys.stderr)
        return 1
    except KeyFileError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _pages(config: Config, given: argparse.Namespace) -> int:
    from miriam_reporting.web.serving import serve
    from miriam_reporting.web.settings import of_environment

    need(config, "database_url")
    serve(of_environment(config))
    return 0


def _migrate(config: Config, given: argparse.Namespace) -> int:
    from miriam_platform.migrate import MigrationError, Phase, app_role_of
    from miriam_reporting.migrating import migrate_reporting

    need(config, "database_url", "migration_url")
    phases: tuple[Phase, ...] = (given.phase,) if given.phase else ("pre", "post")
    try:
        for name in migrate_reporting(config.migration_url, app_role_of(config.database_url), phases, _progress()):
            print(name)
    except MigrationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _rebuild(config: Config, given: argparse.Namespace) -> int:
    from miriam_platform.migrate import app_role_of
    from miriam_reporting.facts.rebuild import FactsDiffer, ReadersInTheWay, RebuildRunning, rebuild

    need(config, "database_url", "migration_url")
    role = app_role_of(config.database_url)
    try:
        done = rebuild(config.migration_url, role, swap_anyway=given.swap_anyway, tell=_progress())
    except FactsDiffer as error:
        print("nothing was swapped, for the new facts differ from the old:", file=sys.stderr)
        print("\n".join(map(str, error.differences)), file=sys.stderr)
        return 1
    except (RebuildRunning, ReadersInTheWay) as error:
        print(error, file=sys.stderr)
        return 1
    against = (
        "compared with the old facts" if done.compared else "not compared: the old facts are of another definition"
    )
    print(f"rebuilt from {done.position} leaves, {against}")
    for difference in done.differences:
        print(f"swapped although it differs: {difference}")
    return 0


def _keys(config: Config, given: argparse.Namespace) -> int:
    from miriam_reporting.ledger.log_keys import LogKeys, log_origin
    from miriam_transparency.keys import KeyFileError

    need(config, "keys_dir")
    try:
        LogKeys(config.keys_dir).make_missing(log_origin())
    except KeyFileError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _progress() -> Callable[[str, int, int], None]:
    """Tells each step on standard error, by every tenth of it."""
    told: dict[str, int] = {}

    def tell(step: str, done: int, of: int) -> None:
        percent = 10 * (10 * done // of) if of else 100
        if percent > told.get(step, -1):
            told[step] = percent
            print(f"{step} {percent} %", file=sys.stderr)

    return tell


_COMMANDS: dict[str, Callable[[Config, Any], int]] = {
    "serve": _serve,
    "project": _project,
    "checkpoint": _checkpoint,
    "pages": _pages,
    "migrate": _migrate,
    "rebuild": _rebuild,
    "keys": _keys,
}

if __name__ == "__main__":
    sys.exit(main())
