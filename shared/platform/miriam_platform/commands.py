"""What each command does, once the standard library is as the command needs it (see `run`)."""

import importlib
import json
import signal
import sys
import time
from dataclasses import asdict
from typing import Any

from miriam_contracts import ids
from miriam_platform import config as configuration
from miriam_platform import keys as key_files
from miriam_platform import logging
from miriam_platform.config import Config, ConfigurationError
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.keys import KeyProblem
from miriam_platform.migrate import MigrationError, app_role_of, migrate
from miriam_platform.opening import NotOpened, open_service
from miriam_platform.own import OwnFactBreaksContract
from miriam_platform.store import last_sequence
from miriam_platform.tally import tally
from miriam_platform.wiping import NotPublished, wipe

# How long a wipe waits for the relay, in seconds.
_WIPE_PATIENCE = 20.0


def run(definition: str, command: str, arguments: list[str]) -> int:
    """Run a command of the service defined at `module:NAME`; answer the exit code."""
    module, _, name = definition.partition(":")
    service: ServiceDefinition = getattr(importlib.import_module(module), name)
    try:
        config = configuration.read()
        logging.configure(service.name, config.log_level, command)
        return _COMMANDS[command](service, config, arguments)
    except (ConfigurationError, KeyProblem) as error:
        print(f"{service.name}: {error}", file=sys.stderr)
        return 2
    except (MigrationError, NotOpened) as error:
        print(f"{service.name}: {error}", file=sys.stderr)
        return 1


def _migrate(service: ServiceDefinition, config: Config, arguments: list[str]) -> int:
    configuration.need(config, "migration_url", "database_url")
    if arguments and arguments[0] not in ("pre", "post"):
        raise ConfigurationError("migrate: `pre` before the new code starts, `post` after the old is gone, or neither")
    phases: Any = tuple(arguments) or ("pre", "post")
    applied = migrate(config.migration_url, app_role_of(config.database_url), service.migrations, phases)
    logging.get(__name__).info("migrated", count=len(applied), phase="+".join(phases))
    return 0


def _keys(service: ServiceDefinition, config: Config, _: list[str]) -> int:
    configuration.need(config, "keys_dir")
    made = key_files.make(config.keys_dir, service.extra_keys)
    logging.get(__name__).info("keys", count=len(made))
    return 0


def _relay(service: ServiceDefinition, config: Config, _: list[str]) -> int:
    from miriam_platform.relay import Relay

    configuration.need(config, "database_url", "amqp_url")
    relay = Relay(service.name, config.database_url, config.amqp_url)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stop())
    relay.run()
    return 0


def _serve(service: ServiceDefinition, config: Config, _: list[str]) -> int:
    from miriam_platform.serve import serve

    configuration.need(config, "database_url", "amqp_url", "http_address", "keys_dir", "service_token")
    serve(service, config)
    return 0


def _restore(service: ServiceDefinition, config: Config, arguments: list[str]) -> int:
    without_ledger = arguments == ["--without-ledger"]
    if arguments and not without_ledger:
        raise ConfigurationError("restore: --without-ledger, or nothing")
    configuration.need(config, "database_url", "keys_dir", *(() if without_ledger else ("reporting_url",)))
    keys = key_files.load(config.keys_dir, service.extra_keys)
    done = open_service(service, config, keys, restored=True, without_ledger=without_ledger)
    print(json.dumps({"taken_back": done.taken_back, "destroyed": done.destroyed}))
    return 0


def _tally(service: ServiceDefinition, config: Config, _: list[str]) -> int:
    configuration.need(config, "database_url")
    database = Database(config.database_url, f"{service.name}-tally")
    counted = tally(database, service.name)
    with database.transaction() as connection:
        answer = {"counted": counted, "sequence": last_sequence(connection)}
    logging.get(__name__).info("tallied", count=counted)
    print(json.dumps(answer))
    return 0


def _wipe(service: ServiceDefinition, config: Config, arguments: list[str]) -> int:
    if len(arguments) != 2 or not ids.is_test(arguments[0]):
        raise ConfigurationError("wipe: the id of a test CPAS (it begins with `test-`), and the reason")
    configuration.need(config, "database_url")
    database = Database(config.database_url, f"{service.name}-wipe")
    until = time.monotonic() + _WIPE_PATIENCE
    while True:
        try:
            done = wipe(database, service, arguments[0], arguments[1])
            break
        except NotPublished:
            if time.monotonic() >= until:
                print(f"{service.name}: events of {arguments[0]} are not published yet: try again", file=sys.stderr)
                return 1
            time.sleep(0.2)
        except OwnFactBreaksContract as error:
            print(f"{service.name}: {error}", file=sys.stderr)
            return 1
    logging.get(__name__).info("wiped", emitter=arguments[0], count=done.events)
    print(json.dumps(asdict(done)))
    return 0


_COMMANDS = {
    "migrate": _migrate,
    "keys": _keys,
    "relay": _relay,
    "serve": _serve,
    "tally": _tally,
    "restore": _restore,
    "wipe": _wipe,
}
