"""What a CPAS system installs: a durable spool, an emitter that empties it, and the receipts that it kept."""

from miriam_emitter.emitter import Emitter
from miriam_emitter.errors import (
    EmitterError,
    EventRejected,
    IdReused,
    NotConfigured,
    SpoolDamaged,
    SpoolError,
    SpoolFull,
    SpoolInUse,
    Unreachable,
)
from miriam_emitter.pool import EmitterPool
from miriam_emitter.progress import Progress, Tally
from miriam_emitter.settings import Settings
from miriam_emitter.spool import Put

__all__ = [
    "Emitter",
    "EmitterError",
    "EmitterPool",
    "EventRejected",
    "IdReused",
    "NotConfigured",
    "Progress",
    "Put",
    "Settings",
    "SpoolDamaged",
    "SpoolError",
    "SpoolFull",
    "SpoolInUse",
    "Tally",
    "Unreachable",
]
