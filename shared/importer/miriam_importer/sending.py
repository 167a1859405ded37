"""Sending what was planned, under a progress bar, until every fact has its answer or patience ends."""

from __future__ import annotations

import logging

from miriam_cli import output
from miriam_emitter import Emitter, Unreachable
from miriam_emitter.showing import Watch
from miriam_importer.plan import Plan

PATIENCE = 60.0


def send(sender: Emitter, plan: Plan, patience: float | None, silent: bool) -> Unreachable | None:
    """Spool the plan's events, all or none, and send all that waits; the trouble that made it stop, if any.

    Raises:
        EmitterError: the spool cannot take them.
    """
    # Each attempt to reach a broker that is away would be told in eight lines.
    for name in ("pika", "miriam_emitter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    sender.spool.put(plan.entries)
    waiting = sender.spool.count_waiting()
    if not waiting:
        return None
    with output.progress(sender.settings.id, waiting, silent=silent) as advance:
        try:
            sender.run(progress=Watch(advance, silent), patience=patience)
        except Unreachable as problem:
            return problem
    return None
