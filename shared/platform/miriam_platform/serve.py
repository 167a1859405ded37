"""Runs a recording service in nameko's container, under eventlet, until a signal ends it."""

import gc
import signal

import eventlet
from nameko.constants import MAX_WORKERS_CONFIG_KEY, WEB_SERVER_CONFIG_KEY
from nameko.containers import ServiceContainer

from miriam_platform import http_door, logging, web
from miriam_platform import keys as key_files
from miriam_platform.config import Config
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.opening import open_service
from miriam_platform.recorder import Recorder
from miriam_platform.runtime import RUNTIME, Runtime
from miriam_platform.service_class import service_class


def serve(definition: ServiceDefinition, config: Config) -> None:
    """Serve inbox and HTTP until SIGTERM or SIGINT; the batch under way is finished.

    Raises KeyProblem, and NotOpened where the ledger contradicts the database.
    """
    keys = key_files.load(config.keys_dir, definition.extra_keys)
    open_service(definition, config, keys)
    recorder = Recorder(definition, keys, Database(config.database_url, f"{definition.name}-recorder"))
    runtime = Runtime(definition, config, keys, recorder, http_door.at(definition, config, keys))
    container = ServiceContainer(
        service_class(definition.name),
        {RUNTIME: runtime, WEB_SERVER_CONFIG_KEY: config.http_address, MAX_WORKERS_CONFIG_KEY: web.MOST_REQUESTS + 16},
    )

    def end(number: int, _: object) -> None:
        logging.get(__name__).info("stopping", signal=number)
        # A handler runs wherever the program is: the stop itself must run in a greenlet that may wait.
        eventlet.spawn_n(container.stop)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    _collect_seldom()
    container.start()
    logging.get(__name__).info("serving", address=config.http_address)
    container.wait()


def _collect_seldom() -> None:
    """Have the garbage collector look at long-lived objects less often: a tenth of the processor, measured.

    A batch makes many objects and hardly any cycles, and the kept states of streams are many objects to walk through.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
